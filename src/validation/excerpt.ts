/** A text short enough for a message: the beginning of a long one, and how long it is. */
export function excerpt(text: string, most = 60): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;
}
