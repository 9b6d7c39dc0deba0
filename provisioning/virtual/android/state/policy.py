"""Who administers the handset and what they restrict.

Names and groups of restrictions: ``UserRestrictionsUtils`` (One UI 6.1 = Android 14). A restriction that the platform
does not know is dropped without an error (``DevicePolicyManagerService.setUserRestriction``), three are refused to
owners.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from provisioning.virtual.android.state.java_order import array_map_order
from provisioning.virtual.android.state.packages import AdminReceiver
from provisioning.virtual.android.state.users import User

NO_INSTALL_APPS = "no_install_apps"
NO_UNINSTALL_APPS = "no_uninstall_apps"
NO_CONTROL_APPS = "no_control_apps"
NO_DEBUGGING = "no_debugging_features"
NO_REMOVE_USER = "no_remove_user"
NO_ADD_USER = "no_add_user"

KNOWN = frozenset(
    """no_config_wifi no_config_locale no_modify_accounts no_install_apps no_uninstall_apps no_share_location
    no_install_unknown_sources no_install_unknown_sources_globally no_config_bluetooth no_bluetooth no_bluetooth_sharing
    no_usb_file_transfer no_config_credentials no_remove_user no_remove_managed_profile no_debugging_features
    no_config_vpn no_config_date_time no_config_tethering no_network_reset no_factory_reset no_add_user
    no_add_managed_profile no_add_clone_profile no_add_private_profile ensure_verify_apps no_config_cell_broadcasts
    no_config_mobile_networks no_control_apps no_physical_media no_unmute_microphone no_adjust_volume no_outgoing_calls
    no_sms no_fun no_create_windows no_system_error_dialogs no_cross_profile_copy_paste no_outgoing_beam no_wallpaper
    no_safe_boot allow_parent_profile_app_linking no_record_audio no_camera no_run_in_background no_data_roaming
    no_set_user_icon no_set_wallpaper no_oem_unlock disallow_unmute_device no_autofill no_content_capture
    no_content_suggestions no_user_switch no_unified_password no_config_location no_airplane_mode no_config_brightness
    no_sharing_into_profile no_ambient_display no_config_screen_timeout no_printing disallow_config_private_dns
    disallow_microphone_toggle disallow_camera_toggle no_change_wifi_state no_wifi_tethering no_grant_admin
    no_sharing_admin_configured_wifi no_wifi_direct no_add_wifi_config no_cellular_2g no_ultra_wideband_radio
    disallow_config_default_apps no_near_field_communication_radio no_thread_network no_assist_content
    no_sim_globally""".split()  # noqa: SIM905 - a list of a hundred quoted words reads worse
)
NOT_FOR_OWNERS = frozenset({"no_record_audio", "no_wallpaper", "no_oem_unlock"})
GLOBAL_FOR_OWNER = frozenset(
    """no_bluetooth no_usb_file_transfer no_config_tethering no_network_reset no_factory_reset no_add_user
    no_config_cell_broadcasts no_config_mobile_networks no_physical_media no_sms no_fun no_safe_boot no_create_windows
    no_data_roaming no_airplane_mode no_adjust_volume no_bluetooth_sharing no_config_date_time no_system_error_dialogs
    no_run_in_background no_unmute_microphone disallow_unmute_device no_camera no_user_switch
    disallow_config_private_dns disallow_microphone_toggle disallow_camera_toggle no_change_wifi_state
    no_wifi_tethering no_wifi_direct no_add_wifi_config no_cellular_2g ensure_verify_apps
    no_install_unknown_sources_globally""".split()  # noqa: SIM905 - as above
)


@dataclass(frozen=True, slots=True)
class Component:
    """A class inside a package, as ``ComponentName``."""

    package: str
    name: str

    @property
    def short(self) -> str:
        """Give ``package/.Class`` where the class lies in the package (``flattenToShortString``)."""
        return f"{self.package}/{self._short_class}"

    @property
    def info(self) -> str:
        """Give ``ComponentInfo{package/full.Class}`` (``toString``)."""
        return f"ComponentInfo{{{self.package}/{self.name}}}"

    @property
    def braced(self) -> str:
        """Give ``{package/full.Class}`` (``toShortString``)."""
        return f"{{{self.package}/{self.name}}}"

    @property
    def _short_class(self) -> str:
        inside = self.name.startswith(self.package + ".")
        return self.name[len(self.package) :] if inside else self.name


def parse_component(text: str) -> Component | None:
    """Read ``package/class`` or ``package/.class`` (``unflattenFromString``); None for anything else."""
    package, slash, name = text.partition("/")
    if not slash or not name:
        return None
    return Component(package, package + name if name.startswith(".") else name)


@dataclass(slots=True)
class ActiveAdmin:
    """A device admin of one user; ``restrictions`` None until the first was set."""

    component: Component
    receiver: AdminReceiver
    test_only: bool
    restrictions: set[str] | None = None
    usb_data: bool = True
    organisation: str | None = None
    affiliation: tuple[str, ...] = ()


@dataclass(slots=True)
class Policy:
    """Admins per user and the device owner."""

    admins: dict[int, list[ActiveAdmin]] = field(default_factory=dict[int, list[ActiveAdmin]])
    device_owner: Component | None = None
    device_owner_name: str = ""
    organisation_owned: bool = True
    app_restrictions: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """Managed settings of apps (``setApplicationRestrictions``), by package; they go with the owner."""
    provisioning_state: dict[int, int] = field(default_factory=dict[int, int])

    def admin(self, component: Component, user: int) -> ActiveAdmin | None:
        """Find an active admin of a user."""
        return next((a for a in self.admins.get(user, []) if a.component == component), None)

    def admin_named(self, package: str) -> ActiveAdmin | None:
        """Find an active admin of any user by its package."""
        return next((a for admins in self.admins.values() for a in admins if a.component.package == package), None)

    def owner_admin(self) -> ActiveAdmin | None:
        """Give the device owner's admin, None without an owner."""
        return self.admin(self.device_owner, 0) if self.device_owner is not None else None

    def remove_admin(self, component: Component, user: int) -> None:
        """Take an admin away, ownership with it."""
        self.admins[user] = [a for a in self.admins.get(user, []) if a.component != component]
        if user == 0 and self.device_owner == component:
            self.device_owner = None
            self.app_restrictions.clear()
            self.provisioning_state[0] = 0

    def from_policy(self, user: int) -> set[str] | None:
        """Give what admins restrict for a user; None where nobody ever restricted anything."""
        owner = self.owner_admin()
        found: set[str] | None = None
        for admin in self.admins.get(user, []):
            if admin.restrictions is not None:
                found = (found or set[str]()) | admin.restrictions
        if owner is not None and owner.restrictions is not None and user != 0:
            found = (found or set[str]()) | (owner.restrictions & GLOBAL_FOR_OWNER)
        return found

    def effective(self, user: User) -> set[str]:
        """Give everything in force for a user: base restrictions and policy."""
        return (user.restrictions or set()) | (self.from_policy(user.id) or set())


def printed(restrictions: set[str] | None, indent: str) -> str:
    """Print restrictions as ``UserRestrictionsUtils.dumpRestrictions``: one a line, ``none``, or ``null`` if never
    set.
    """
    if restrictions is None:
        return f"{indent}null\n"
    if not restrictions:
        return f"{indent}none\n"
    return "".join(f"{indent}{name}\n" for name in array_map_order(restrictions))
