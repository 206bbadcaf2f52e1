import type { AppContext } from '#src/context.ts';
import { CannotOpen } from '../cannot-open.ts';
import { openFernet } from './fernet.ts';
import { type LegacyFormat, isOpenedStill } from './switches.ts';

/**
 * Opens what another system encrypted, while LEGACY_FORMATS allows it. Seal it anew when you have it.
 * @param format as a column that the app writes says, or the column it stands in: never what the value says of itself, since
 *   who made the value would choose the weakest (CWE-757).
 * @throws CannotOpen
 */
export const openLegacy = ({ services, config, clock }: Pick<AppContext, 'services' | 'config' | 'clock'>, format: LegacyFormat, value: string): Buffer => {
  const key = services.keys.legacyKey(format);
  if (key === undefined || !isOpenedStill(config.LEGACY_FORMATS, format, clock.now())) throw new CannotOpen();
  return openFernet(key, value);
};
