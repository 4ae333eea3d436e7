import { z } from 'zod';
import { mapping, path, text } from './scalars.ts';

const NAME_WANTED = 'must be 1 to 60 characters in one line';
const COLOUR_WANTED = 'must be a colour such as "#0b5d66"';
const LINK_WANTED = 'must be an https: or mailto: address';

function isSupportLink(value: string): boolean {
  const url = URL.parse(value);
  return url?.protocol === 'mailto:' || (url?.protocol === 'https:' && url.hostname !== '');
}

const brand = mapping('Whose pages they are.', {
  name: z
    .string({ error: NAME_WANTED })
    .regex(/^[^\p{Cc}]{1,60}$/u, { error: NAME_WANTED })
    .optional()
    .meta({ description: 'Name in the head and the title of each page. Default: none.' }),
  logo: path(
    'PNG or SVG of at most 64 KiB, served below /.fairlead and shown 44 pixels wide. Default: the mark of Fairlead.',
  ).optional(),
  colours: mapping('Colours of the brand.', {
    accent: z
      .string({ error: COLOUR_WANTED })
      .regex(/^#[0-9a-f]{6}$/i, { error: COLOUR_WANTED })
      .optional()
      .meta({
        description:
          'Colour of buttons, links and the line. Its lightness is changed where text would be hard to read.',
      }),
  }).optional(),
});

export const pages = mapping('How the pages of the gateway look.', {
  brand: brand.optional(),
  support: z
    .string({ error: LINK_WANTED })
    .refine(isSupportLink, { error: LINK_WANTED })
    .optional()
    .meta({
      description: 'Where people get help: a link at the foot of each page. Default: none.',
    }),
  templates: z
    .record(text('A code, or "default".'), path('An HTML file of at most 64 KiB.'), {
      error: 'must be a mapping of codes to files',
    })
    .optional()
    .meta({
      description:
        'HTML of your own for refusals, by code; `default` for every other. `{{name}}` is replaced by a text (docs/error-pages.md). Default: our pages.',
    }),
});
