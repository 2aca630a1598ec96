export { loadSecrets } from './secret/load.ts';
export type { Secrets } from './secret/schema.ts';
