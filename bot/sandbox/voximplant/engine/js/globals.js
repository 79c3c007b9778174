// The last file: all that the others made for the scenarios becomes global.

Object.assign(globalThis, world);
