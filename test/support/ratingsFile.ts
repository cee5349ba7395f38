/** 1,500 lines of the format of MovieLens u.data, whose ratings follow from user and item. */
export const ratingsFile = Array.from(
  { length: 1500 },
  (_, i) => `${i % 20}\t${(i * 7) % 31}\t${1 + (((i % 20) + ((i * 7) % 31)) % 5)}\t${i}\n`,
).join('');
