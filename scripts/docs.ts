/** Writes docs/reference (`npm run docs`), or with --check says whether it is what would be written. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';

import { jsonSchema } from '../src/spec/json-schema.ts';
import { commandsPage } from './docs/commands.ts';
import { errorsPage, exitStatusPage } from './docs/errors.ts';
import { specPage } from './docs/spec.ts';

const FOLDER = new URL('../docs/reference/', import.meta.url);

const pages: Record<string, string> = {
  'pgscale.schema.json': `${JSON.stringify(jsonSchema(), null, 2)}\n`,
  'spec.md': specPage(),
  'errors.md': errorsPage(),
  'exit-status.md': exitStatusPage(),
  'commands.md': await commandsPage(),
};

if (process.argv.includes('--check')) {
  const stale: string[] = [];
  for (const [name, text] of Object.entries(pages)) {
    const present = await readFile(new URL(name, FOLDER), 'utf8').catch(() => '');
    if (present !== text) stale.push(`docs/reference/${name}`);
  }
  if (stale.length > 0) {
    console.error(`out of date: ${stale.join(', ')}; run \`npm run docs\``);
    process.exitCode = 1;
  }
} else {
  await mkdir(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(pages)) await writeFile(new URL(name, FOLDER), text);
  console.log(`docs/reference: ${Object.keys(pages).join(', ')}`);
}
