import type { Command } from '@commander-js/extra-typings';
import { atLeastOne, json } from '../option-values.ts';
import { type Context, explain } from './describe.ts';
import { offerOptions } from './offer-options.ts';

/** Adds `gpu-clouds offers`. */
export function addOffers(program: Command, { terminal, finish }: Context): void {
  const offers = program
    .command('offers')
    .description('list what you can rent now at all clouds, cheapest first')
    .addOption(offerOptions.gpu('all'))
    .addOption(offerOptions.memory())
    .addOption(offerOptions.region())
    .addOption(offerOptions.vendor())
    .addOption(offerOptions.spot('allow'))
    .addOption(offerOptions.maxPrice())
    .option('--limit <n>', 'maximum number of offers to list (default: no limit)', atLeastOne)
    .addOption(json())
    .action(async (options) => {
      const command = await import('../commands/offers.ts');
      finish(await command.offers(options, terminal()));
    });
  explain(
    offers,
    [
      ['offers --gpu H100:8,A100-80GB:8', 'eight H100 or eight A100 with 80 GB each'],
      ['offers --memory 40 --max-price 2', 'any GPU with 40 GiB or more, for at most $2 an hour'],
      ['offers --gpu 4090 --region FIN --json', 'as JSON'],
    ],
    'A cloud that fails or does not answer within 5 s is named and left out. Exit code 5: no offer matches.',
  );
}
