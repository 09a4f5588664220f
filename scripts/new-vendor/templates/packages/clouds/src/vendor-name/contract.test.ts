import { cloudContract } from '../../test/contract.ts';
import { simulated } from '../../test/simulated.ts';

cloudContract('vendor-name', () => simulated('vendor-name'));
