// Crypto: the digests of the typings, as lower-case hexadecimal text. Computed here, because they answer at once.

// The first bits of the fractional parts of the roots of the first primes, as the standards define their constants.
const SHA256_ROUNDS = fractions(64, 1 / 3);
const SHA256_START = fractions(8, 1 / 2);
const MD5_SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

function fractions(count, exponent) {
  const words = [];
  for (let candidate = 2; words.length < count; candidate += 1) {
    let isPrime = true;
    for (let i = 2; i * i <= candidate; i += 1) if (candidate % i === 0) isPrime = false;
    if (isPrime) append(words, ((candidate ** exponent % 1) * 0x100000000) | 0);
  }
  return words;
}

function rotate(word, by) {
  return (word << by) | (word >>> (32 - by));
}

// The message with its padding and its length, as words of 32 bits.
function padded(bytes, isBigEndian) {
  const count = ((bytes.length + 8) >> 6) * 16 + 16;
  const words = [];
  for (let i = 0; i < count; i += 1) append(words, 0);
  const put = (at, byte) => {
    words[at >> 2] |= byte << (isBigEndian ? 24 - (at % 4) * 8 : (at % 4) * 8);
  };
  for (let i = 0; i < bytes.length; i += 1) put(i, bytes[i] & 255);
  put(bytes.length, 0x80);
  words[isBigEndian ? count - 1 : count - 2] = bytes.length * 8;
  return words;
}

function wordBytes(words, isBigEndian) {
  const bytes = [];
  for (let i = 0; i < words.length * 4; i += 1) {
    append(bytes, (words[i >> 2] >>> (isBigEndian ? 24 - (i % 4) * 8 : (i % 4) * 8)) & 255);
  }
  return bytes;
}

function md5Bytes(bytes) {
  const words = padded(bytes, false);
  let [a, b, c, d] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let block = 0; block < words.length; block += 16) {
    const [a0, b0, c0, d0] = [a, b, c, d];
    for (let i = 0; i < 64; i += 1) {
      const round = i >> 4;
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
      const at = [i, 5 * i + 1, 3 * i + 5, 7 * i][round] % 16;
      const sine = (absolute(sineOf(i + 1)) * 0x100000000) | 0;
      const sum = (a + mixed + sine + words[block + at]) | 0;
      [a, d, c, b] = [d, c, b, (b + rotate(sum, MD5_SHIFTS[round][i % 4])) | 0];
    }
    [a, b, c, d] = [(a + a0) | 0, (b + b0) | 0, (c + c0) | 0, (d + d0) | 0];
  }
  return wordBytes([a, b, c, d], false);
}

function sha1Bytes(bytes) {
  const words = padded(bytes, true);
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
  for (let block = 0; block < words.length; block += 16) {
    const w = [];
    let [a, b, c, d, e] = state;
    for (let i = 0; i < 80; i += 1) {
      append(w, i < 16 ? words[block + i] : rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1));
      const round = i < 20 ? 0 : i < 40 ? 1 : i < 60 ? 2 : 3;
      const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d][round];
      const constant = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round];
      const sum = (rotate(a, 5) + mixed + e + constant + w[i]) | 0;
      [e, d, c, b, a] = [d, c, rotate(b, 30), a, sum];
    }
    const added = [a, b, c, d, e];
    for (let i = 0; i < 5; i += 1) state[i] = (state[i] + added[i]) | 0;
  }
  return wordBytes(state, true);
}

function sha256Bytes(bytes) {
  const words = padded(bytes, true);
  const state = [];
  for (let i = 0; i < 8; i += 1) append(state, SHA256_START[i]);
  for (let block = 0; block < words.length; block += 16) {
    const w = [];
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      append(w, i < 16 ? words[block + i] : stretched(w, i));
      const s1 = rotate(e, 26) ^ rotate(e, 21) ^ rotate(e, 7);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + SHA256_ROUNDS[i] + w[i]) | 0;
      const s0 = rotate(a, 30) ^ rotate(a, 19) ^ rotate(a, 10);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    const added = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i += 1) state[i] = (state[i] + added[i]) | 0;
  }
  return wordBytes(state, true);
}

function stretched(w, i) {
  const s0 = rotate(w[i - 15], 25) ^ rotate(w[i - 15], 14) ^ (w[i - 15] >>> 3);
  const s1 = rotate(w[i - 2], 15) ^ rotate(w[i - 2], 13) ^ (w[i - 2] >>> 10);
  return (w[i - 16] + s0 + w[i - 7] + s1) | 0;
}

function hmacBytes(key, data) {
  const short = key.length > 64 ? sha256Bytes(key) : key;
  const inner = [];
  const outer = [];
  for (let i = 0; i < 64; i += 1) {
    append(inner, (short[i] ?? 0) ^ 0x36);
    append(outer, (short[i] ?? 0) ^ 0x5c);
  }
  for (let i = 0; i < data.length; i += 1) append(inner, data[i]);
  const hashed = sha256Bytes(inner);
  for (let i = 0; i < hashed.length; i += 1) append(outer, hashed[i]);
  return sha256Bytes(outer);
}

// A list of texts is digested as one text; that the platform joins them without a separator is not known.
function digested(data) {
  if (typeof data !== "object" || data === null) return utf8Bytes(textOf(data));
  let text = "";
  for (let i = 0; i < data.length; i += 1) text += textOf(data[i]);
  return utf8Bytes(text);
}

const digests = {
  md5: (data) => bytes2hex(md5Bytes(digested(data))),
  sha1: (data) => bytes2hex(sha1Bytes(digested(data))),
  sha256: (data) => bytes2hex(sha256Bytes(digested(data))),
};

Object.assign(world, digests); // where older scenarios look for them
world.Crypto = partly("Crypto", {
  ...digests,
  hmac_sha256: (key, data) => bytes2hex(hmacBytes(digested(key), digested(data))),
});
