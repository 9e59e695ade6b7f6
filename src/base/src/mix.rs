//! The integer hash by which places on a ring of servers and hashes of keys are spread.

/// Spreads each bit of a hash over all of its bits (Bob Jenkins' hash of an integer in six shifts).
pub fn avalanche(hash: u32) -> u32 {
    let mut it = hash;
    it = it.wrapping_add(0x7ed5_5d16).wrapping_add(it << 12);
    it = it ^ 0xc761_c23c ^ (it >> 19);
    it = it.wrapping_add(0x1656_67b1).wrapping_add(it << 5);
    it = it.wrapping_add(0xd3a2_646c) ^ (it << 9);
    it = it.wrapping_add(0xfd70_46c5).wrapping_add(it << 3);
    it = it ^ 0xb55a_4f09 ^ (it >> 16);
    it.wrapping_mul(3_221_225_473)
}
