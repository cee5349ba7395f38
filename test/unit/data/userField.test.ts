import { expect, test } from 'vitest';
import { findUserField } from '../../../src/data/userField.ts';

test.each([
  [['item', 'user_id', 'visitor'], 1],
  [['User', 'movie'], 0],
  [['C1', 'CustomerNo'], 1],
  [['uid'], 0],
  [['C1', 'user_age', 'users_seen', 'device_model'], null],
  [[], null],
])('of the columns %j, number %j names users', (names, found) => {
  expect(findUserField(names.map((name) => ({ name })))).toBe(found);
});
