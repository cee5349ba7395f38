import axe from 'axe-core';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { DatasetDialog } from '../../../src/app/data/DatasetDialog.tsx';
import '../../../src/app/page/tokens.css';
import { DimmerContext } from '../../../src/app/useDimmer.ts';
import { openSession } from '../../unit/app/fakeSession.ts';

test('a built-in sample says on request what is in it', async () => {
  const { dimmer } = await openSession();
  const { dataset } = dimmer.store.getState();
  const sentence = 'The fields C1 and C2 name the same things.';
  dimmer.store.setState({
    dataset: { ...dataset!, planted: [{ kind: 'ranks', fields: ['C1', 'C2'], sentence }] },
  });
  await render(
    <DimmerContext value={dimmer}>
      <DatasetDialog />
    </DimmerContext>,
  );
  dimmer.ui.openDialog('dataset');
  await expect.element(page.getByText('What is in this sample?')).toBeVisible();
  await expect.element(page.getByText(sentence)).not.toBeVisible();
  await page.getByText('What is in this sample?').click();
  await expect.element(page.getByText(sentence)).toBeVisible();
  const { violations } = await axe.run(document.body, { rules: { region: { enabled: false } } });
  expect(violations.map(({ id }) => id)).toEqual([]);
});
