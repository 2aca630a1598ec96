// Builds dist/ and the manifest of the commands. Plain Node, so that it runs right after `npm ci`.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DIST = 'dist';

function javascript() {
  return readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => join(entry.parentPath, entry.name));
}

rmSync(DIST, { recursive: true, force: true });
execFileSync('tsc', { stdio: 'inherit' });
// TypeScript 6.0 rewrites `import('./x.ts')` to `.js`, but not in a function that has a `using` declaration.
for (const path of javascript()) {
  const before = readFileSync(path, 'utf8');
  const after = before.replaceAll(/\bimport\((['"])(\.{1,2}\/[^'"]+)\.ts\1\)/gu, 'import($1$2.js$1)');
  if (after !== before) writeFileSync(path, after);
}
// What runs on the hosts is one file without node_modules.
const { bundleAgent } = await import('../dist/components/agent/bundle.js');
writeFileSync(join(DIST, 'agent.mjs'), bundleAgent());
execFileSync('oclif', ['manifest'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, OCLIF_SKIP_NEW_VERSION_CHECK: 'true' },
});
