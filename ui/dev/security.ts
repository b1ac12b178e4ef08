/** Passwords, the second step and one's own devices, over sample data. */
import type { OwnSession, SecondFactorSetUp } from '../src/lib/bindings';
import type { AccountCommands, AppCommands } from '../src/lib/bindings/commands';
import { ago, id, problem, role, scene } from './scene';

/** How it stands with the second step: set up, unless the address asks for one that is due. */
export const second_factor =
  scene === 'due' || scene === 'needed' || role === 'designated_teacher'
    ? { set_up_at: null, required: true, due_at: ago(-9 * 1440), recovery_codes_left: 0 }
    : { set_up_at: ago(40_000), required: true, due_at: null, recovery_codes_left: scene === 'long' ? 2 : 9 };

const codes = ['7KQ2-M0D3-XR9T-BWZH', '4N8P-1V5C-GT7A-J2E9', 'R6YB-0H3K-ZQ1M-D8XW', 'T5PC-9N2V-7FJA-4G0E'].flatMap(
  (code, at) => [code, `${code.slice(5)}-${at}ZK${at + 3}`],
);
codes.push('P0QW-8R1T-YZ5X-C3VB', 'M7NA-2K9D-E4FG-H6JS');

let devices: OwnSession[] = [
  { id: id(15, 1), device_name: 'COUNTY-LT-0417', created_at: ago(30_000), last_used_at: ago(0), current: true },
  { id: id(15, 2), device_name: 'Home computer', created_at: ago(9_000), last_used_at: ago(3_000), current: false },
  { id: id(15, 3), device_name: 'COUNTY-DESK-22', created_at: ago(2_000), last_used_at: ago(95), current: false },
];

/** Something that looks like the square for an app, and is none. */
function setUp(): SecondFactorSetUp {
  let path = '';
  for (let row = 0; row < 37; row++)
    for (let column = 0; column < 37; column++) {
      const corner = (x: number, y: number) => {
        const [a, b] = [Math.abs(x - 3), Math.abs(y - 3)];
        const ring = Math.max(a, b);
        return ring === 3 || ring < 2;
      };
      const inCorner = (row < 8 || row > 28) && (column < 8 || column > 28) && !(row > 28 && column > 28);
      const dark = inCorner
        ? corner(row > 28 ? row - 30 : row, column > 28 ? column - 30 : column)
        : (row * 7 + column * 13 + ((row * column) % 5)) % 3 === 0;
      if (dark) path += `M${column + 4} ${row + 4}h1v1h-1z`;
    }
  return { secret: 'GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ', squares: 45, path };
}

export const appSecurity = {
  ask_for_password_code: () => undefined,
  look_at_password_code: ({ code }: AppCommands['look_at_password_code'][0]) => {
    if (code === 'old')
      throw problem(
        'password.code_unknown',
        'This code does not hold: codes last an hour and work once. Check it against the newest e-mail, or ask for another.',
        'code',
      );
    return { email: 'farah.gorse@example.org', first_name: 'Farah', last_name: 'Gorse', expires_at: ago(-50) };
  },
  use_password_code: () => undefined,
};

export const securityAnswers = {
  change_password: ({ current }: AccountCommands['change_password'][0]) => {
    if (current !== 'right') throw problem('session.sign_in_failed', 'The password is wrong. Try again.', 'current');
    devices = devices.filter((device) => device.current);
  },
  begin_second_factor: setUp,
  confirm_second_factor: ({ code }: AccountCommands['confirm_second_factor'][0]) => {
    if (code !== '123456')
      throw problem(
        'session.second_factor_wrong',
        'This is not the code that the app should show now. Check that you scanned the square on this screen and that your phone’s clock is right, then enter the newest code.',
        'code',
      );
    return { codes };
  },
  new_recovery_codes: () => ({ codes }),
  save_recovery_codes: () => ({ path: '/home/ruth/Documents/Recovery codes.txt' }),
  remove_second_factor: () => undefined,
  set_second_factor_rule: (rule: AccountCommands['set_second_factor_rule'][0]) => rule,
  list_own_devices: () => devices,
  sign_out_device: ({ id: which }: AccountCommands['sign_out_device'][0]) =>
    (devices = devices.filter((device) => device.id !== which)),
  sign_out_other_devices: () => (devices = devices.filter((device) => device.current)),
  get_user_second_factor: () => ({ set_up_at: ago(12_000), required: true }),
  reset_second_factor: () => ({ set_up_at: null, required: true }),
};
