import { LabCommand } from '../../../lab-command.ts';

/** `pgscale lab store start`. */
export default class LabStoreStart extends LabCommand<typeof LabStoreStart> {
  static override summary = 'Start the object store of the lab again, with its objects as they were.';

  async run(): Promise<{ endpoint: string }> {
    const { needDocument } = await import('../../../lab/document.ts');
    const { requireRoot } = await import('../../../lab/requirements.ts');
    const { startStore } = await import('../../../lab/object-store/process.ts');
    requireRoot();
    const lab = await needDocument(this.flags.name);
    await startStore(lab);
    this.progress(`the object store listens on ${lab.objectStore.endpoint}`);
    return { endpoint: lab.objectStore.endpoint };
  }
}
