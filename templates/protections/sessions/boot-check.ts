import type { BootCheck } from '#src/config.ts';
import { parseClients } from './native/clients.ts';

export const bootCheck: BootCheck = ({ config }) => parseClients(config).problems;
