// Bytes and texts: the platform's functions for both. Bytes are arrays of numbers from 0 to 255.

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function utf8Bytes(text) {
  const bytes = [];
  for (let i = 0; i < text.length; i += 1) {
    const point = codePointAt(text, i);
    if (point > 0xffff) i += 1;
    if (point < 0x80) append(bytes, point);
    else if (point < 0x800) append(bytes, 0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) append(bytes, 0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else {
      append(bytes, 0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    }
  }
  return bytes;
}

// Bytes that are no UTF-8 become U+FFFD.
function utf8Text(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i];
    const more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : -1;
    let point = more === 0 ? first : first & (0x3f >> more);
    let whole = more >= 0 && i + more < bytes.length && first < 0xf8;
    for (let j = 1; whole && j <= more; j += 1) {
      whole = (bytes[i + j] & 0xc0) === 0x80;
      point = (point << 6) | (bytes[i + j] & 63);
    }
    whole = whole && point <= 0x10ffff;
    text += fromCodePoint(whole ? point : 0xfffd);
    i += whole ? more + 1 : 1;
  }
  return text;
}

function isLatin(encoding) {
  const name = textLower(textOf(encoding ?? "utf-8"));
  if (name === "latin1" || name === "iso-8859-1" || name === "ascii" || name === "us-ascii") return true;
  if (name !== "utf-8" && name !== "utf8") note(`encoding ${name}`);
  return false;
}

function str2bytes(data, encoding) {
  const text = textOf(data);
  if (!isLatin(encoding)) return utf8Bytes(text);
  const bytes = [];
  for (let i = 0; i < text.length; i += 1) append(bytes, codePointAt(text, i) & 255);
  return bytes;
}

function bytes2str(data, encoding) {
  if (!isLatin(encoding)) return utf8Text(data);
  let text = "";
  for (let i = 0; i < data.length; i += 1) text += fromCodePoint(data[i] & 255);
  return text;
}

function bytes2hex(data, toUpperCase) {
  let text = "";
  for (let i = 0; i < data.length; i += 1) text += hexDigits(data[i] & 255, 2);
  return toUpperCase ? textUpper(text) : text;
}

function hexDigits(number, length) {
  let text = "";
  for (let rest = number, i = 0; i < length; i += 1, rest >>>= 4) text = "0123456789abcdef"[rest & 15] + text;
  return text;
}

function hex2bytes(data) {
  const bytes = [];
  const text = textOf(data);
  for (let i = 0; i + 1 < text.length; i += 2) append(bytes, numberOf(`0x${text[i]}${text[i + 1]}`) & 255);
  return bytes;
}

function base64_encode(data) {
  const bytes = typeof data === "string" ? utf8Bytes(data) : data;
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += BASE64[(group >> 18) & 63] + BASE64[(group >> 12) & 63];
    text += i + 1 < bytes.length ? BASE64[(group >> 6) & 63] : "=";
    text += i + 2 < bytes.length ? BASE64[group & 63] : "=";
  }
  return text;
}

function base64_decode(data) {
  const bytes = [];
  const text = textOf(data);
  for (let i = 0, held = 0, bits = 0; i < text.length; i += 1) {
    const value = textIndex(BASE64, text[i]);
    if (value < 0) continue; // "=", and the line breaks of a long one
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      append(bytes, (held >> bits) & 255);
    }
  }
  return bytes;
}

Object.assign(world, { base64_decode, base64_encode, bytes2hex, bytes2str, hex2bytes, str2bytes });
