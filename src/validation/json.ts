/**
 * Reads JSON in which no object has a name twice: of two values the second would win in silence. `refuse` gets a clause for people and
 * makes the error that is thrown. Takes linear time at any depth.
 */
export function parseJson(text: string, refuse: (problem: string) => Error): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('it is no JSON');
  }
  if (countNames(text) !== countProperties(value)) throw refuse('a name occurs twice in one object');
  return value;
}

/** Strings before a colon. `text` is JSON. */
function countNames(text: string): number {
  let names = 0;
  for (let i = text.indexOf('"'); i !== -1; i = text.indexOf('"', i)) {
    i++;
    while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
    i++;
    while (isBlank(text[i])) i++;
    if (text[i] === ':') names++;
  }
  return names;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

function countProperties(value: unknown): number {
  let properties = 0;
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== 'object' || next === null) continue;
    const values: readonly unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (!Array.isArray(next)) properties += values.length;
    for (const each of values) left.push(each);
  }
  return properties;
}
