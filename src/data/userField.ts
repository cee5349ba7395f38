import type { Field } from './dataset.ts';

const userNames =
  /^(user|usr|visitor|customer|client|member|reader|viewer|listener|buyer|shopper|cookie|uid)(id|no|nr|number|key|code|hash)?$/;

/** The first field that names users, by its name: user_id, visitorId, customer. null: none does. */
export function findUserField(fields: readonly Pick<Field, 'name'>[]): number | null {
  const found = fields.findIndex(({ name }) =>
    userNames.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')),
  );
  return found === -1 ? null : found;
}
