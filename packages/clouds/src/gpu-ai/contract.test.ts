import { cloudContract } from '../../test/contract.ts';
import { simulated } from '../../test/simulated.ts';

cloudContract('gpu-ai', () => simulated('gpu-ai'));
