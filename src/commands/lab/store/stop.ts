import { LabCommand } from '../../../lab-command.ts';

/** `pgscale lab store stop`. */
export default class LabStoreStop extends LabCommand<typeof LabStoreStop> {
  static override summary = 'Stop the object store of the lab, as when the backup repository is away; objects stay.';

  async run(): Promise<{ wasRunning: boolean }> {
    const { needDocument } = await import('../../../lab/document.ts');
    const { requireRoot } = await import('../../../lab/requirements.ts');
    const { stopStore } = await import('../../../lab/object-store/process.ts');
    requireRoot();
    const wasRunning = await stopStore((await needDocument(this.flags.name)).name);
    this.progress(wasRunning ? 'the object store is stopped' : 'the object store was not running');
    return { wasRunning };
  }
}
