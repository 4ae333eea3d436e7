import { z } from 'zod';
import { mapping, path } from './scalars.ts';

export const certificate = z
  .union(
    [
      path('Folder with tls.crt and tls.key.'),
      mapping('A pair of files.', {
        cert: path('Certificate chain in PEM, the leaf first.'),
        key: path('Private key in PEM.'),
      }),
    ],
    { error: 'must be a folder with tls.crt and tls.key, or { cert, key }' },
  )
  .meta({ description: 'A folder with tls.crt and tls.key, or the pair of files.' });
