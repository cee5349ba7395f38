const sources = import.meta.glob<string>('/shaders/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/**
 * The text of shaders/<name>.wgsl with every `#include "file.wgsl"` replaced by that file, once each.
 * `$key` in an include stands for variant[key]: `#include "matmul_$matmul.wgsl"`.
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
  return expand(`${name}.wgsl`);
}
