import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright';
import { launchOptions } from '../chromium.mjs';
import type { DroppedFile } from './files.ts';

const axeScript = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Of a swing, where a frame takes long. */
const LEAST_MOVES = 40;

export interface OpenOptions {
  /** Settings in the URL fragment, as `be=cpu&a=0.2`. */
  readonly hash?: string;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Runs in the page before its own scripts. */
  readonly script?: () => void;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch(launchOptions());
}

/** A page with the app open, watched from its first byte: every request, every error, every GPU complaint. */
export class AppPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Addresses of every request and socket of the page and of its workers. */
  readonly requests: string[] = [];
  /** Uncaught errors, console errors and anything the browser says about the GPU. */
  readonly problems: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    context.on('request', (request) => this.requests.push(request.url()));
    page.on('websocket', (socket) => this.requests.push(socket.url()));
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      const ofGpu = /gpu|device.*lost|validation/i.test(message.text()) && message.type() === 'warning';
      if (message.type() === 'error' || ofGpu) this.problems.push(`${message.type()}: ${message.text()}`);
    });
  }

  static async open(browser: Browser, url: string, options: OpenOptions = {}): Promise<AppPage> {
    const { hash = '', width = 1440, height = 900, colorScheme = 'light', script } = options;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    if (script) await context.addInitScript(script);
    return AppPage.openIn(context, hash ? `${url}#${hash}` : url);
  }

  /** In a context that may have stored something before. */
  static async openIn(context: BrowserContext, address: string): Promise<AppPage> {
    const app = new AppPage(context, await context.newPage());
    await app.page.goto(address, { waitUntil: 'commit' });
    return app;
  }

  close(): Promise<void> {
    return this.context.close();
  }

  /** Requests that left the page's own origin. blob: and data: addresses stay inside the browser. */
  foreignRequests(): string[] {
    const { host } = new URL(this.page.url());
    return this.requests.filter(
      (address) => !/^(blob|data):/.test(address) && new URL(address).host !== host,
    );
  }

  /** Drops a file on the page as a mouse would: dragenter, dragover, drop. */
  async drop(file: DroppedFile): Promise<void> {
    const content =
      typeof file.content === 'string' ? file.content : Buffer.from(file.content).toString('base64');
    const isText = typeof file.content === 'string';
    const transfer = await this.page.evaluateHandle(
      ([name, data, text]) => {
        const bytes = text ? data : Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const dropped = new DataTransfer();
        dropped.items.add(new File([bytes], name));
        return dropped;
      },
      [file.name, content, isText] as const,
    );
    for (const event of ['dragenter', 'dragover', 'drop'])
      await this.page.dispatchEvent('body', event, { dataTransfer: transfer });
    await transfer.dispose();
  }

  byTestId(id: string): Locator {
    return this.page.getByTestId(id);
  }

  /** Training steps of the current run, as the page shows them. */
  async step(): Promise<number> {
    return Number(await this.byTestId('step-counter').getAttribute('data-step'));
  }

  /** Resolves with the milliseconds from navigation to the first frame that shows `step` steps or more. */
  async waitForStep(step: number, timeout = 60_000): Promise<number> {
    const elapsedMs = await this.page.waitForFunction(
      (least) => {
        const counter = document.querySelector<HTMLElement>('[data-testid=step-counter]');
        return Number(counter?.dataset['step'] ?? 0) >= least ? performance.now() : false;
      },
      step,
      { timeout },
    );
    return Number(await elapsedMs.jsonValue());
  }

  async datasetName(): Promise<string> {
    return (await this.byTestId('dataset-menu').textContent()) ?? '';
  }

  async alpha(): Promise<number> {
    return Number(await this.byTestId('alpha-box').inputValue());
  }

  /** Drags a slider's thumb with the mouse by `deltaX` pixels in `moves` moves; `inHand` runs before release. */
  async dragSlider(
    testId: string,
    deltaX: number,
    moves: number,
    inHand?: () => Promise<void>,
  ): Promise<void> {
    const { x, y } = await this.findThumb(testId);
    const { mouse } = this.page;
    await mouse.move(x, y);
    await mouse.down();
    for (let move = 1; move <= moves; move++) {
      await mouse.move(x + (deltaX * move) / moves, y);
      await this.nextFrame();
    }
    await inHand?.();
    await mouse.up();
  }

  /** Swings a slider's thumb by up to `reachX` pixels to either side, a move a frame, for `durationMs` and LEAST_MOVES. */
  async swingSlider(testId: string, reachX: number, durationMs: number): Promise<void> {
    const { x, y } = await this.findThumb(testId);
    const { mouse } = this.page;
    await mouse.move(x, y);
    await mouse.down();
    const start = performance.now();
    for (let move = 1; move <= LEAST_MOVES || performance.now() - start < durationMs; move++) {
      await mouse.move(x + reachX * Math.sin(move / 20), y);
      await this.nextFrame();
    }
    await mouse.up();
  }

  async findThumb(testId: string): Promise<{ readonly x: number; readonly y: number }> {
    const box = await this.byTestId(testId).getByRole('slider').boundingBox();
    if (!box) throw new Error(`${testId} has no thumb on the screen`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** Where an element is drawn; where its content is, if it has no box of its own (display: contents). */
  async findBox(testId: string): Promise<DOMRect> {
    return this.byTestId(testId).evaluate((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      const own = element.getBoundingClientRect();
      return (own.width > 0 ? own : range.getBoundingClientRect()).toJSON() as DOMRect;
    });
  }

  nextFrame(): Promise<void> {
    return this.page.evaluate(() => new Promise<void>((resolve) => requestAnimationFrame(() => resolve())));
  }

  /** Name of the run in training, '' when none is. */
  async trainingRun(): Promise<string> {
    const row = this.page.getByRole('row').filter({ hasText: 'training' });
    if ((await row.count()) === 0) return '';
    return row.first().getByRole('rowheader').innerText();
  }

  /** Takes the settings of a link into the page that is open. */
  async followLink(hash: string): Promise<void> {
    await this.page.evaluate((next) => {
      location.hash = next;
    }, hash);
  }

  /** Resolves when the list has `count` finished runs. */
  async waitForRuns(count: number, timeout = 300_000): Promise<void> {
    await this.byTestId('run-row')
      .nth(count - 1)
      .waitFor({ timeout });
  }

  /** Every finished run as a line of text, cells separated by tabs. */
  async readRunTable(): Promise<readonly string[]> {
    const rows = await this.byTestId('run-row').allInnerTexts();
    return rows.map((row) => row.split(/\s*[\n\t]\s*/).join('\t'));
  }

  /** Finished runs on the data set in use, by name and id. */
  async runs(): Promise<readonly { readonly name: string; readonly id: string }[]> {
    return this.byTestId('run-row').evaluateAll((rows) =>
      rows.map((row) => ({
        name: row.querySelector('th')?.innerText ?? '',
        id: (row as HTMLElement).dataset['run'] ?? '',
      })),
    );
  }

  /** Ids of the runs that are drawn as points on accuracy against parameters. */
  pointIds(): Promise<readonly string[]> {
    return this.byTestId('run-point').evaluateAll((points) =>
      points.map((point) => point.getAttribute('data-run') ?? ''),
    );
  }

  /** The message that holds `text`, once it is there. */
  async readNotice(text: string): Promise<string> {
    const notice = this.byTestId('notice').filter({ hasText: text });
    await notice.first().waitFor({ timeout: 20_000 });
    return notice.first().getByRole('paragraph').innerText();
  }

  async dismissNotices(): Promise<void> {
    const buttons = this.byTestId('notice').getByRole('button', { name: 'Dismiss' });
    while ((await buttons.count()) > 0) await buttons.first().click();
  }

  /** axe-core's findings, one line each. */
  async findAccessibilityProblems(): Promise<string[]> {
    // Evaluated, not added as a script element: the page's content security policy stays as it is.
    await this.page.evaluate(readFileSync(axeScript, 'utf8'));
    return this.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run(document);
      return violations.flatMap((violation) =>
        violation.nodes.map((node) => `${violation.id}: ${violation.help}: ${node.html.slice(0, 160)}`),
      );
    });
  }

  /** Pixels by which the page overflows the window. */
  findOverflow(): Promise<{ x: number; y: number }> {
    return this.page.evaluate(() => {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
      return { x: scrollWidth - clientWidth, y: scrollHeight - clientHeight };
    });
  }
}
