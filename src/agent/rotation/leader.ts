import { readFileSync } from 'node:fs';
import { request } from 'node:https';

import type { RotationSettings } from './settings.ts';

const ANSWER_MS = 5000;

/**
 * Whether this member leads at this moment: Patroni answers 200 to `GET /leader` of the holder of the leader lock only.
 * https://patroni.readthedocs.io/en/latest/rest_api.html#health-check-endpoints
 *
 * @throws Error when Patroni does not answer
 */
export function isLeader({ url, ca, certificate, key }: RotationSettings['patroni']): Promise<boolean> {
  const [caText, cert, keyText] = [ca, certificate, key].map((path) => readFileSync(path, 'utf8'));
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const sent = request(`${url}/leader`, { ca: caText, cert, key: keyText, signal }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    sent.on('error', reject);
    sent.end();
  });
}
