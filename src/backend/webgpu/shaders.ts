const sources = import.meta.glob<string>('/shaders/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const ENABLE = /^enable \w+;$/gm;

/**
 * The text of shaders/<name>.wgsl with every `#include "file.wgsl"` replaced by that file, once each.
 * `$key` in an include stands for variant[key]: `#include "matmul_$matmul.wgsl"`. What an included file
 * enables comes first, as WGSL wants it.
 */
export function shaderText(name: string, variant: Readonly<Record<string, string>> = {}): string {
  const included = new Set<string>();
  const expand = (file: string): string => {
    if (included.has(file)) return '';
    included.add(file);
    const text = sources[`/shaders/${file}`];
    if (text === undefined) throw new Error(`there is no shaders/${file}`);
    return text.replace(/^#include "(.+)"$/gm, (_, path: string) =>
      expand(path.replace(/\$(\w+)/g, (_match, key: string) => variant[key] ?? `$${key}`)),
    );
  };
  const text = expand(`${name}.wgsl`);
  const enabled = text.match(ENABLE) ?? [];
  return [...enabled, text.replace(ENABLE, '')].join('\n');
}
