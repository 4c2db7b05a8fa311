// Who lives in the demo (`shell/store/src/demo.rs`): ids to invite people by, and names that must stand nowhere.

const demoId = (digits) => `016f5e66-e800-7000-8000-00000000${digits}`;

/** The organisation that the hosts and the young person belong to. */
export const CLINIC = demoId('b001');

/** The demo's people, by first name. */
export const DEMO = {
  kari: demoId('a001'), jonas: demoId('a002'), nora: demoId('a003'), mona: demoId('a004'), amir: demoId('a005'), siri: demoId('a006'),
};

/** Nobody and nothing of the demo, and no service (SEC-012, CARE-12). */
export const NAMES = /Kari|Jonas|Nora|Mona|Amir|Siri|Demo|BUP|barnevern/i;
