// The hash by which Kafka's Java client places keys. It must never change: a key would go to another partition than its records before.
// @see org.apache.kafka.common.utils.Utils.murmur2

const seed = 0x9747b28c;
const mixer = 0x5bd1e995;

/** Of the bytes, as a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const { byteLength: length } = bytes;
  let hash = seed ^ length;
  const wordsEnd = length - (length % 4);
  for (let at = 0; at < wordsEnd; at += 4) {
    let word =
      byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24);
    word = Math.imul(word, mixer);
    word = Math.imul(word ^ (word >>> 24), mixer);
    hash = Math.imul(hash, mixer) ^ word;
  }
  const rest = length % 4;
  if (rest === 3) hash ^= byteAt(bytes, wordsEnd + 2) << 16;
  if (rest >= 2) hash ^= byteAt(bytes, wordsEnd + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ byteAt(bytes, wordsEnd), mixer);
  hash = Math.imul(hash ^ (hash >>> 13), mixer);
  return hash ^ (hash >>> 15);
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
