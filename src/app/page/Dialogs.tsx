import { CompareDialog } from '../compare/CompareDialog.tsx';
import { DatasetDialog } from '../data/DatasetDialog.tsx';
import { InspectDialog } from '../inspect/InspectDialog.tsx';
import { KeptDialog } from '../data/KeptDialog.tsx';
import { ModelDialog } from '../models/ModelDialog.tsx';
import { PasteDialog } from '../data/PasteDialog.tsx';
import { PreviewDialog } from '../data/PreviewDialog.tsx';
import { ScoreDialog } from '../scoring/ScoreDialog.tsx';
import { SettingsDialog } from '../sizes/SettingsDialog.tsx';
import { ShortcutsDialog } from '../commands/ShortcutsDialog.tsx';

/** All dialogs of the page, of which one is open at most. */
export function Dialogs() {
  return (
    <>
      <CompareDialog />
      <DatasetDialog />
      <InspectDialog />
      <KeptDialog />
      <ModelDialog />
      <PasteDialog />
      <PreviewDialog />
      <ScoreDialog />
      <SettingsDialog />
      <ShortcutsDialog />
    </>
  );
}
