// workgroup_sum: Σ of a value of every thread of the workgroup, by a fixed tree (included)
// shapes   alias Sum and THREADS, a power of two, are the includer's
// dispatch none: a function that all threads call, with barriers
// races    none: barriers lie between a thread's sum and others' reads of it
var<workgroup> thread_sums: array<Sum, THREADS>;

fn workgroup_sum(value: Sum, local: u32) -> Sum {
  workgroupBarrier();
  thread_sums[local] = value;
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { thread_sums[local] += thread_sums[local + half]; }
  }
  return workgroupUniformLoad(&thread_sums[0]);
}
