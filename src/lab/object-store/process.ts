import type { LabDocument } from '../document.ts';
export async function startStore(_lab: LabDocument): Promise<void> {}
export async function stopStore(_lab: string): Promise<boolean> {
  return false;
}
