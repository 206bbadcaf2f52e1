import type { Check, Doctor } from '../../../src/doctor/check.ts';
import { callsPackage, optionOf, saysOption } from '../../../src/doctor/syntax.ts';

const entities: Check = {
  id: 'xml-entities-on',
  item: 'Q423',
  title: 'XML may read files and call hosts',
  severity: 'high',
  advice: 'Take `noent` and `dtdload` out.',
  file: {
    mentions: /libxmljs/,
    *look(source) {
      for (const call of source.calls) {
        if (!callsPackage(call, ['libxmljs', 'libxmljs2'], ['parseXml', 'parseXmlString', 'parseXmlAsync'])) continue;
        for (const name of ['noent', 'replaceEntities', 'dtdload', 'loadExternalDtd']) {
          const option = optionOf(call.arguments[1], name);
          if (option.kind === 'value' && saysOption(option, true)) yield { at: option.value, saw: `\`${name}: true\`` };
        }
      }
    },
  },
};

export const doctor: Doctor = { checks: [entities] };
