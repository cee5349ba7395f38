// hash: MurmurHash3_x86_32 of three words, bit for bit as in src/random/hash.ts (included)
// shapes   a seed and three words in, one word out
// dispatch none: functions only
// races    none: pure
// source   Appleby 2011, MurmurHash3 (public domain)
fn mix32(word: u32) -> u32 {
  var a = word;
  a ^= a >> 16u;
  a *= 0x85ebca6bu;
  a ^= a >> 13u;
  a *= 0xc2b2ae35u;
  return a ^ (a >> 16u);
}

fn hash_absorb(hash: u32, word: u32) -> u32 {
  let scrambled = word * 0xcc9e2d51u;
  let h = hash ^ (((scrambled << 15u) | (scrambled >> 17u)) * 0x1b873593u);
  return ((h << 13u) | (h >> 19u)) * 5u + 0xe6546b64u;
}

fn hash4(seed: u32, a: u32, b: u32, c: u32) -> u32 {
  return mix32(hash_absorb(hash_absorb(hash_absorb(seed, a), b), c) ^ 12u);
}
