import type { Component } from '../component.ts';
import { pkiResources } from './resources.ts';

/** A key and a certificate of the cluster's own CA on every host; the CA's key stays with the operator. */
export const pki: Component = {
  name: 'pki',
  title: 'Certificates',
  runsOn: () => true,
  packages: () => [{ name: 'openssl' }, { name: 'ca-certificates' }],
  resources: pkiResources,
};
