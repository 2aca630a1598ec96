import { sh } from '../host/command.ts';
import { warning, type Check } from './check.ts';

/** The host can resolve its own name, and the names that clients use for the endpoints. */
export const names: Check = {
  id: 'names',
  title: 'Name resolution',
  run: async (reader, { spec }) => {
    const endpoints = Object.entries(spec.endpoints).flatMap(([, value]) =>
      typeof value === 'object' && value.host !== undefined ? [value.host] : [],
    );
    const wanted = [...new Set(endpoints)];
    const answer = await reader.read(
      sh`timeout 5 getent hosts "$(hostname)" >/dev/null || echo "its own name, $(hostname)"; for name in ${wanted}; do timeout 5 getent ahosts "$name" >/dev/null || echo "$name"; done`,
    );
    return answer.stdout
      .split('\n')
      .filter((name) => name !== '')
      .map((name) => warning('name-unresolved', `cannot resolve ${name}`, 'Add it to DNS or to /etc/hosts.'));
  },
};
