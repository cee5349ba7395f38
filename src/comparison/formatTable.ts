export type TableStyle = 'text' | 'markdown';

/** The first row is the head. Columns after the first `textColumns` are numbers: aligned right. */
export function formatTable(
  rows: readonly (readonly string[])[],
  style: TableStyle,
  textColumns: number,
): string {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => lengthOf(row[column]))));
  const isText = (column: number): boolean => column < textColumns;
  const lines = rows.map((row) =>
    row.map((cell, column) => {
      const gap = ' '.repeat(widths[column] - lengthOf(cell));
      return isText(column) ? cell + gap : gap + cell;
    }),
  );
  if (style === 'text') return `${lines.map((cells) => cells.join('  ').trimEnd()).join('\n')}\n`;
  const rule = widths.map((width, column) =>
    isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return `${[lines[0], rule, ...lines.slice(1)].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

/** Characters, not code units. */
const lengthOf = (text: string): number => [...text].length;
