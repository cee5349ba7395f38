import axe from 'axe-core';
import { beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { DimsPanel } from '../../../src/app/dims/DimsPanel.tsx';
import '../../../src/app/page/tokens.css';
import { DimmerContext } from '../../../src/app/useDimmer.ts';
import { methods } from '../../../src/compression/methods.ts';
import type { MethodId } from '../../../src/settings/settings.ts';
import { type FakeSession, openSession } from '../../unit/app/fakeSession.ts';

let session: FakeSession;
const drawing = () => page.getByTestId('field-drawing');
const words = () => drawing().element().querySelector('p')!.textContent;
const idBox = (name: string) => page.getByRole('spinbutton', { name });

beforeEach(async () => {
  await page.viewport(720, 400);
  document.documentElement.dataset['theme'] = 'light';
  session = await openSession();
  await render(
    <DimmerContext value={session.dimmer}>
      <main style={{ display: 'grid', height: '360px', gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <DimsPanel />
      </main>
    </DimmerContext>,
  );
  await userEvent.click(page.getByRole('button', { name: 'Drawing' }));
  // It is loaded when it is asked for.
  await expect.element(drawing()).toBeVisible();
});

async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body, { rules: { region: { enabled: false } } });
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
}

test('the largest field is drawn, and its sentence is the name of the picture', async () => {
  await expect.element(drawing().getByRole('img')).toHaveAccessibleName(words()!);
  await expect.poll(words).toMatch(/^Id \d+ of large /);
  await userEvent.selectOptions(page.getByRole('combobox', { name: 'Field' }), 'small');
  await expect.poll(words).toMatch(/^Id \d+ of small /);
});

test('ids are tried with the arrow keys, by typing and by drawing others', async () => {
  session.dimmer.settings.change({ method: 'hashing', budget: 200, vectorDim: 8 });
  await userEvent.fill(idBox('First id'), '7');
  await userEvent.keyboard('{ArrowUp}');
  await expect.poll(words).toMatch(/^Id 8 of large takes row 8 of \d+ as its vector; 1 other id does too/);
  await userEvent.fill(idBox('Second id'), '8');
  await expect.poll(words).toContain('Both ids are the same.');
  await userEvent.fill(idBox('Second id'), '4000');
  await expect.element(idBox('Second id')).toHaveValue(39);
  await userEvent.click(page.getByRole('button', { name: 'Other ids' }));
  await expect.poll(words).not.toMatch(/^Id 8 /);
  await expect.poll(words).toMatch(/has the same row, and so the same vector/);
});

test('a click on a field of the chart draws it', async () => {
  await userEvent.click(page.getByRole('button', { name: 'Drawing' }));
  await userEvent.click(page.getByTestId('dims-chart'), { position: { x: 120, y: 60 } });
  await expect.poll(words).toMatch(/^Id \d+ of small /);
});

test('every method is drawn in both themes without a complaint from axe, and fits 360 pixels', async () => {
  for (const method of Object.keys(methods) as MethodId[]) {
    document.documentElement.dataset['theme'] = method.length % 2 === 0 ? 'light' : 'dark';
    await page.viewport(method.length % 3 === 0 ? 720 : 360, 640);
    session.dimmer.settings.change({ method, budget: 1000 });
    expect(session.dimmer.store.getState().allocationFailure, method).toBeNull();
    await expect.poll(words).toMatch(/^(Id|The|\d+ hashes) .* of large/);
    await expectAccessible();
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(innerWidth);
    const picture = drawing().getByRole('img').element().getBoundingClientRect();
    expect(picture.height).toBeLessThanOrEqual(300);
  }
});

test('without an allocation there is a sentence instead', async () => {
  session.dimmer.settings.change({ method: 'full', budget: 16 });
  await expect.element(page.getByText('nothing to draw until the budget')).toBeVisible();
});
