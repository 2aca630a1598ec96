// Makes a fresh clone ready: installs the packages of package-lock.json when they are not there, and builds. Plain Node,
// because nothing is installed yet when it runs.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';

const STAMP = 'node_modules/.pgscale-lock';

function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP).equals(readFileSync('package-lock.json'));
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

if (!isInstalled()) {
  say('installing npm packages (npm ci)');
  execFileSync('npm', ['ci', '--loglevel=error'], { stdio: ['ignore', 2, 2] });
  copyFileSync('package-lock.json', STAMP);
}
say('building');
execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 2, 2] });
