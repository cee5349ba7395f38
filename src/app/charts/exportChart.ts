/** What an SVG needs to look the same without the page's style sheets. */
const drawn = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
];

const LEGEND_LINE = 20;
const LEGEND_MARGIN = 48;
const TITLE_HEIGHT = 24;
/** Widths of letters are not known here: at 12 px they are about this wide. */
const LETTER_WIDTH = 6.6;

/** An entry of the legend. */
export interface LegendMark {
  /** 12 × 12 around 0. */
  readonly path: string;
  readonly color: string;
  readonly label: string;
}

export interface ChartFigure {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** The chart as a picture by itself: computed styles written out, with a title and the legend of its methods. */
export function drawFigure(chart: SVGSVGElement, title: string, marks: readonly LegendMark[]): ChartFigure {
  const width = chart.clientWidth;
  const chartHeight = chart.clientHeight;
  const root = getComputedStyle(document.documentElement);
  const colorOf = (value: string): string =>
    value.replace(/var\((--[\w-]+)\)/, (_, name: string) => root.getPropertyValue(name).trim());
  const text = `font-family="system-ui, sans-serif" font-size="12" fill="${colorOf('var(--text)')}"`;

  let x = LEGEND_MARGIN;
  let y = TITLE_HEIGHT + chartHeight + LEGEND_LINE / 2;
  const legend = marks.map(({ path, color, label }) => {
    const entryWidth = 16 + label.length * LETTER_WIDTH + 16;
    if (x + entryWidth > width && x > LEGEND_MARGIN) {
      x = LEGEND_MARGIN;
      y += LEGEND_LINE;
    }
    const entry =
      `<g transform="translate(${x},${y})"><path d="${path}" fill="${colorOf(color)}"/>` +
      `<text x="12" y="4" ${text}>${escapeText(label)}</text></g>`;
    x += entryWidth;
    return entry;
  });
  const height = y + LEGEND_LINE;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<rect width="100%" height="100%" fill="${colorOf('var(--ground)')}"/>` +
    `<text x="16" y="16" ${text} font-weight="600">${escapeText(title)}</text>` +
    `<g transform="translate(0,${TITLE_HEIGHT})">${inlineStyles(chart)}</g>${legend.join('')}</svg>\n`;
  return { svg, width, height };
}

function inlineStyles(chart: SVGSVGElement): string {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const originals = chart.querySelectorAll('*');
  const unseen: Element[] = [];
  for (const [i, element] of copy.querySelectorAll('*').entries()) {
    const style = getComputedStyle(originals[i]);
    for (const name of drawn) {
      const value = style.getPropertyValue(name);
      if (value) element.setAttribute(name, value);
    }
    for (const { name } of Array.from(element.attributes))
      if (/^(class|style|tabindex|role|aria-.*|data-.*|name)$/.test(name)) element.removeAttribute(name);
    // What is there for the pointer alone, and what says where the page stands just now.
    if (originals[i].matches('[data-passing]')) unseen.push(element);
    if (style.fill === 'rgba(0, 0, 0, 0)' && style.stroke === 'none') unseen.push(element);
  }
  for (const element of unseen) element.remove();
  copy.removeAttribute('class');
  copy.removeAttribute('style');
  return new XMLSerializer().serializeToString(copy);
}

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Twice as fine as a screen: fit for print and slides. */
const PNG_SCALE = 2;

/** Rejects where the browser cannot draw the picture. */
export async function toPng({ svg, width, height }: ChartFigure): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * PNG_SCALE;
    canvas.height = height * PNG_SCALE;
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new PictureError())), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

class PictureError extends Error {
  override readonly name = 'PictureError';
  readonly remedy = 'Save the chart as SVG, or make the window smaller.';
  constructor() {
    super('The browser could not draw the chart as a picture.');
  }
}
