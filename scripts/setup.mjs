// Makes a fresh clone ready: installs the packages of package-lock.json when they are not there, and builds. Plain Node,
// because nothing is installed yet when it runs.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';

/** Programs that the tests run as a user would, beside what `pgscale lab up` installs by itself. */
const TEST_TOOLS = { ssh: 'openssh-client', openssl: 'openssl', psql: 'postgresql-client' };
const STAMP = 'node_modules/.pgscale-lock';

function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP).equals(readFileSync('package-lock.json'));
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`));
}

const missing = Object.entries(TEST_TOOLS).flatMap(([program, name]) => (isOnPath(program) ? [] : [name]));
if (process.argv.includes('--test') && missing.length > 0) {
  say(`installing ${missing.join(', ')} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['-q', 'update'], { stdio: ['ignore', 2, 2], env });
  execFileSync('apt-get', ['-q', '-y', 'install', '--no-install-recommends', ...missing], {
    stdio: ['ignore', 2, 2],
    env,
  });
}
if (!isInstalled()) {
  say('installing npm packages (npm ci)');
  execFileSync('npm', ['ci', '--loglevel=error'], { stdio: ['ignore', 2, 2] });
  copyFileSync('package-lock.json', STAMP);
}
say('building');
execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 2, 2] });
