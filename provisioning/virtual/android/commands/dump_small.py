"""The short dumps: account, battery."""

from __future__ import annotations

from provisioning.virtual.android.shell.process import Process


async def account(process: Process, _words: list[str]) -> None:
    """Print the accounts of every user (``AccountManagerService.dump``); names are people's addresses."""
    phone = process.phone
    for number in sorted(phone.users):
        user = phone.users[number]
        process.line(f"User UserInfo{{{user.id}:{user.name}:{user.flags:x}}}:")
        process.line(f"  Accounts: {len(user.accounts)}")
        for name, kind in user.accounts:
            process.line(f"    Account {{name={name}, type={kind}}}")
        process.out("\n  AccountId, Action_Type, timestamp, UID, TableName, Key\n  Accounts History\n\n")
        process.out("  Active Sessions: 0\n\n  RegisteredServicesCache: 1 services\n")
        process.out(
            "    ServiceInfo: AuthenticatorDescription {type=com.google}, ComponentInfo{com.google.android.gms/"
        )
        process.out(
            "com.google.android.gms.auth.account.authenticator.GoogleAccountAuthenticatorService}, uid 10110\n\n"
        )
        process.line("  Account visibility:")
        process.line()


async def battery(process: Process, _words: list[str]) -> None:
    """Print the battery's state; Samsung's own lines stand after AOSP's, one of them with a second ``charge
    counter``.
    """
    samsung = process.phone.profile.samsung
    process.out("Current Battery Service state:\n")
    if samsung:
        process.out("  mBootCompleted: true\n")
    process.out(_AOSP)
    if samsung:
        process.out(_SAMSUNG)


_AOSP = """  AC powered: false
  USB powered: true
  Wireless powered: false
  Max charging current: 500000
  Max charging voltage: 5000000
  Charge counter: 3240000
  status: 2
  health: 2
  present: true
  level: 84
  scale: 100
  voltage: 4063
  temperature: 326
  technology: Li-ion
"""
_SAMSUNG = """  batterySWSelfDischarging: false
  batteryMiscEvent: 0
  batteryCurrentEvent: 0
  mSecPlugTypeSummary: 2
  LED Charging: true
  LED Low Battery: true
  current now: 321
  charge counter: 0
  Adaptive Fast Charging Settings: true
USE_FAKE_BATTERY: false
SEC_FEATURE_BATTERY_SIMULATION: false
FEATURE_WIRELESS_FAST_CHARGER_CONTROL: true
  mWasUsedWirelessFastChargerPreviously: true
LLB CAL: 
LLB MAN: 20160426
LLB CURRENT: YEAR2018M9D15
LLB DIFF: 123
BatteryInfoBackUp
  mSavedBatteryAsoc: 77
  mSavedBatteryMaxTemp: 490
  mSavedBatteryUsage: 176488
FEATURE_SAVE_BATTERY_CYCLE: true
"""  # noqa: W291 - Samsung's line ends in a blank
