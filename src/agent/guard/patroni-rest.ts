import { readFileSync } from 'node:fs';
import { request } from 'node:https';

import type { GuardSettings } from './settings.ts';

const ANSWER_MS = 1500;
/** A patch of nothing: a key that is not there is removed. Patroni then runs its loop at once. */
const NOTHING = JSON.stringify({ pgscale_nudge: null });

/**
 * Has the Patroni of this host run its loop now. https://patroni.readthedocs.io/en/latest/rest_api.html#config-endpoint
 * @throws Error when it does not take it
 */
export function wakePatroni({ url, user, password, ca, certificate, key }: GuardSettings['rest']): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL('/config', url), {
      method: 'PATCH',
      auth: `${user}:${password}`,
      ca: readFileSync(ca),
      cert: readFileSync(certificate),
      key: readFileSync(key),
      agent: false,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    sent.on('response', (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve();
      else reject(new Error(`Patroni answers ${answer.statusCode ?? 0}`));
    });
    sent.on('error', reject);
    sent.end(NOTHING);
  });
}
