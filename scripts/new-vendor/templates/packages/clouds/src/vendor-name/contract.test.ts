import { cloudContract } from '../../test/contract.ts';
import { simulated } from '../../test/simulated.ts';

// The second argument of `simulated` is the operation that creates an instance.
cloudContract('vendor-name', () => simulated('vendor-name'));
