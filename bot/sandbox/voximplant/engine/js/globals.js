// The last file: all that the others made for the scenarios becomes global.

Object.assign(globalThis, world);
for (let i = 0; i < globalNames.length; i += 1) if (!hasOwn(world, globalNames[i])) defineGlobal(globalNames[i]);
