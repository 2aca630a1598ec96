import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whether the command line runs from its sources (by tsx), not from a build. */
export const IS_SOURCE = import.meta.filename.endsWith('.ts');

/** The folder of package.json, seen from src and from any file of a build. */
export const PACKAGE_ROOT = rootAbove(import.meta.dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('package.json is missing: the installation is damaged');
  return rootAbove(above);
}
