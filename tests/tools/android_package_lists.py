"""Make the package lists of the Android profiles from the reference inventories beside the repository.

    python tests/tools/android_package_lists.py

Rows of the firmware inventories are facts read from the images. Paths whose APK was not in the dump get the package
name that real handsets report for them and a ``~`` in the last column: version and certificate are then not from an
image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY.parent / "shared" / "data" / "android"
TARGET = REPOSITORY / "resources" / "virtual" / "android"
HEADER = (
    "# path\tpackage\tversionCode\tversionName\tminSdk\ttargetSdk\tsize\tcertSha256\tsignatures\tscheme\t"
    "sharedUserId\tadmins\tnote\n"
)

PIXEL_NAMES = {
    "CalculatorGooglePrebuilt": "com.google.android.calculator",
    "CalendarGooglePrebuilt": "com.google.android.calendar",
    "DevicePolicyPrebuilt": "com.google.android.apps.work.clouddpc", "Drive": "com.google.android.apps.docs",
    "GoogleContacts": "com.google.android.contacts", "GoogleTTS": "com.google.android.tts",
    "LatinIMEGooglePrebuilt": "com.google.android.inputmethod.latin", "Maps": "com.google.android.apps.maps",
    "MarkupGoogle": "com.google.android.markup",
    "NgaResources": "com.google.android.googlequicksearchbox.nga_resources",
    "PixelCameraServicesSB3": "com.google.android.apps.camera.services",
    "PixelWallpapers2023": "com.google.android.apps.wallpaper.pixel",
    "PrebuiltDeskClockGoogle": "com.google.android.deskclock",
    "SoundAmplifierPrebuilt": "com.google.android.accessibility.soundamplifier",
    "SoundPickerPrebuilt": "com.google.android.soundpicker",
    "SwitchAccessPrebuilt": "com.google.android.accessibility.switchaccess", "Tycho": "com.google.android.apps.tycho",
    "Videos": "com.google.android.videos", "VoiceAccessPrebuilt": "com.google.android.apps.accessibility.voiceaccess",
    "WallpaperEmojiPrebuilt": "com.google.android.apps.emojiwallpaper",
    "YouTubeMusicPrebuilt": "com.google.android.apps.youtube.music", "YouTube": "com.google.android.youtube",
    "talkback": "com.google.android.marvin.talkback", "AdaptiveVPNPrebuilt": "com.google.android.apps.privacy.wildlife",
    "AiWallpapers": "com.google.android.apps.aiwallpapers",
    "DeviceIntelligenceNetworkPrebuilt": "com.google.android.as.oss",
    "DiagnosticsToolPrebuilt": "com.google.android.apps.diagnosticstool",
    "DreamlinerPrebuilt": "com.google.android.apps.dreamliner", "EuiccGoogle": "com.google.android.euicc",
    "FilesPrebuilt": "com.google.android.apps.nbu.files", "GCS": "com.google.android.apps.gcs",
    "GoogleDialer": "com.google.android.dialer", "GoogleRestorePrebuilt": "com.google.android.apps.restore",
    "HelpRtcPrebuilt": "com.google.android.apps.helprtc", "ImsServiceEntitlement": "com.android.imsserviceentitlement",
    "Phonesky": "com.android.vending", "PixelLiveWallpaperPrebuilt": "com.google.pixel.livewallpaper",
    "RecorderPrebuilt": "com.google.android.apps.recorder", "SCONE": "com.google.android.apps.scone",
    "SafetyHubPrebuilt": "com.google.android.apps.safetyhub",
    "ScribePrebuilt": "com.google.audio.hearing.visualization.accessibility.scribe",
    "SettingsIntelligenceGooglePrebuilt": "com.google.android.settings.intelligence",
    "SetupWizardPrebuilt": "com.google.android.setupwizard", "Showcase": "com.customermobile.preload.vzw",
    "TipsPrebuilt": "com.google.android.apps.tips", "TurboPrebuilt": "com.google.android.apps.turbo",
    "WallpaperEffect": "com.google.android.wallpaper.effects",
    "WeatherPixelPrebuilt": "com.google.android.apps.weather", "WellbeingPrebuilt": "com.google.android.apps.wellbeing",
    "framework-res": "android", "CredentialManager": "com.android.credentialmanager",
    "DocumentsUIGoogle": "com.google.android.documentsui", "LiveWallpapersPicker": "com.android.wallpaper.livepicker",
    "ManagedProvisioning": "com.android.managedprovisioning", "TeleService": "com.android.phone",
    "Flipendo": "com.google.android.flipendo", "CarrierSetup": "com.google.android.carriersetup",
    "ConnectivityThermalPowerManager": "com.google.android.connectivitythermalpowermanager",
    "GoogleServicesFramework": "com.google.android.gsf", "MyVerizonServices": "com.verizon.mips.services",
    "NexusLauncherRelease": "com.google.android.apps.nexuslauncher",
    "PixelSetupWizard": "com.google.android.pixel.setupwizard", "SettingsGoogle": "com.android.settings",
    "SettingsGoogleFutureFaceEnroll": "com.google.android.settings.future.biometrics.faceenroll",
    "ShannonRcs": "com.shannon.rcsservice", "StorageManagerGoogle": "com.google.android.storagemanager",
    "SystemUIGoogle": "com.android.systemui", "WallpaperPickerGoogleRelease": "com.google.android.apps.wallpaper",
    "Photos": "com.google.android.apps.photos", "PrebuiltGmail": "com.google.android.gm",
    "DevicePersonalizationPrebuiltPixel2023": "com.google.android.as",
    "GoogleCamera": "com.google.android.GoogleCamera",
    "PrebuiltBugle": "com.google.android.apps.messaging", "PrebuiltGmsCoreSc": "com.google.android.gms",
    "Velvet": "com.google.android.googlequicksearchbox",
}  # fmt: skip
SAMSUNG_NAMES = {
    "Chrome": "com.android.chrome", "Gmail2": "com.google.android.gm", "Maps": "com.google.android.apps.maps",
    "SpeechServicesByGoogle": "com.google.android.tts", "TrichromeLibrary": "com.google.android.trichromelibrary",
    "YouTube": "com.google.android.youtube", "ConfigUpdater": "com.google.android.configupdater",
    "GoogleRestore": "com.google.android.apps.restore", "Phonesky": "com.android.vending",
    "Turbo": "com.google.android.apps.turbo", "BGMProvider": "com.sec.android.app.ve.vebgm",
    "Bluetooth": "com.android.bluetooth", "Cameralyzer": "com.sec.factory.cameralyzer",
    "ClipboardEdge": "com.samsung.android.app.clipboardedge", "ClockPackage": "com.sec.android.app.clockpackage",
    "CocktailQuickTool": "com.sec.android.app.quicktool", "DAAgent": "com.samsung.android.da.daagent",
    "EasterEgg": "com.android.egg", "EmergencyModeService": "com.sec.android.emergencymode.service",
    "FBAppManager_NS": "com.facebook.appmanager", "Fast": "com.samsung.android.fast", "HiyaService": "com.hiya.star",
    "LiveTranscribe": "com.google.audio.hearing.visualization.accessibility.scribe",
    "MDMApp": "com.samsung.android.mdm",
    "MdxKitService": "com.samsung.android.mdx.kit", "NfcNci": "com.android.nfc",
    "SamsungCalendar": "com.samsung.android.calendar", "SamsungTTS": "com.samsung.SMT",
    "SmartCapture": "com.samsung.android.app.smartcapture", "SmartMirroring": "com.samsung.android.smartmirroring",
    "SoundPicker_S": "com.samsung.android.app.soundpicker", "StickerCenter": "com.samsung.android.stickercenter",
    "UnifiedWFC": "com.sec.unifiedwfc", "UniversalMDMClient": "com.sec.enterprise.knox.cloudmdm.smdms",
    "VideoTrimmer": "com.samsung.app.newtrim", "Weather_SEP12.0": "com.sec.android.daemonapp",
    "framework-res": "android", "Accessibility": "com.samsung.accessibility",
    "AppsEdgePanel_v3.2": "com.samsung.android.app.appsedge",
    "BiometricSetting": "com.samsung.android.biometrics.app.setting", "CIDManager": "com.samsung.android.cidmanager",
    "ClockPack_v70": "com.samsung.android.app.clockpack",
    "CocktailBarService_v3.2": "com.samsung.android.app.cocktailbarservice",
    "ContainerAgent3": "com.samsung.android.knox.containeragent", "Crane": "com.samsung.crane",
    "DeviceKeystring": "com.sec.android.app.factorykeystring", "DeviceTest": "com.sec.factory",
    "DigitalWellbeing": "com.samsung.android.forest", "DocumentsUIGoogle": "com.google.android.documentsui",
    "DressRoom": "com.samsung.android.app.dressroom", "DualOutFocusViewer_S": "com.samsung.android.app.dofviewer",
    "DynamicLockscreen": "com.samsung.android.dynamiclock", "EasySetup": "com.samsung.android.easysetup",
    "Finder": "com.samsung.android.app.galaxyfinder", "Fmm": "com.samsung.android.fmm", "FotaAgent": "com.wssyncmldm",
    "GalaxyApps_OPEN": "com.sec.android.app.samsungapps", "GameHome": "com.samsung.android.game.gamehome",
    "GameOptimizingService": "com.samsung.android.game.gos", "GameTools_Dream": "com.samsung.android.game.gametools",
    "GpuWatchApp": "com.samsung.gpuwatchapp", "Hearingdro_S": "com.sec.hearingadjust",
    "HwModuleTest": "com.sec.android.app.hwmoduletest", "HybridRadio": "com.sec.android.app.fm",
    "ImsLogger": "com.sec.imslogger", "KnoxGuard": "com.samsung.android.kgclient",
    "LiveStickers": "com.samsung.android.livestickers", "ManagedProvisioning": "com.android.managedprovisioning",
    "MemorySaver_O_Refresh": "com.samsung.memorysaver", "MultiSoundSetting": "com.samsung.android.setting.multisound",
    "MultipleWallpaperResource": "com.samsung.android.multipack",
    "NetworkDiagnostic": "com.samsung.android.networkdiagnostic", "OMCAgent5": "com.samsung.android.app.omcagent",
    "PeopleStripe": "com.samsung.android.service.peoplestripe",
    "PhotoEditor_Lite": "com.sec.android.mimage.photoretouching",
    "PrivacyDashboard": "com.samsung.android.privacydashboard", "Quickboard": "com.samsung.android.mdx.quickboard",
    "RubinVersion31": "com.samsung.android.rubin.app", "SPPPushClient": "com.sec.spp.push",
    "SamsungAccount": "com.osp.app.signin", "SamsungBilling": "com.sec.android.app.billing",
    "SamsungCamera": "com.sec.android.app.camera", "SamsungCloudClient": "com.samsung.android.scloud",
    "SamsungContacts": "com.samsung.android.app.contacts",
    "SamsungContactsProvider": "com.samsung.android.providers.contacts",
    "SamsungCoreServices": "com.samsung.android.scs",
    "SamsungDialer": "com.samsung.android.dialer", "SamsungExperienceService": "com.samsung.android.mobileservice",
    "SamsungGallery2018": "com.sec.android.gallery3d", "SamsungInCallUI": "com.samsung.android.incallui",
    "SamsungMessages": "com.samsung.android.messaging", "SamsungVideoPlayer": "com.samsung.android.video",
    "SecAppSeparation": "com.samsung.android.appseparation", "SecMyFiles2020": "com.sec.android.app.myfiles",
    "SecSettings": "com.android.settings", "SecSettingsIntelligence": "com.android.settings.intelligence",
    "SecSetupWizard_Global": "com.sec.android.app.SecSetupWizard",
    "SecSoundPicker": "com.samsung.android.secsoundpicker", "SendHelpMessage": "com.sec.android.app.safetyassurance",
    "ShareLive": "com.samsung.android.app.sharelive", "SmartManager_v5": "com.samsung.android.lool",
    "SmartManager_v6_DeviceSecurity": "com.samsung.android.sm.devicesecurity",
    "SoundAlive_S": "com.sec.android.app.soundalive", "TalkbackSE": "com.samsung.android.accessibility.talkback",
    "TaskEdgePanel_v3.2": "com.samsung.android.app.taskedge", "TeleService": "com.android.phone",
    "Telecom": "com.android.server.telecom", "TelephonyUI": "com.samsung.android.app.telephonyui",
    "ThemeStore": "com.samsung.android.themestore", "TouchWizHome_2017": "com.sec.android.app.launcher",
    "Traceur": "com.android.traceur", "UltraDataSaving_O": "com.samsung.android.uds",
    "imsservice": "com.sec.imsservice",
    "wallpaper-res": "com.samsung.android.wallpaper.res", "EmergencyInfo": "com.android.emergency",
    "GoogleServicesFramework": "com.google.android.gsf", "SetupWizard": "com.google.android.setupwizard",
    "StorageManager": "com.android.storagemanager", "SystemUI": "com.android.systemui",
    "GmsCore": "com.google.android.gms", "Velvet": "com.google.android.googlequicksearchbox",
    "HoneyBoard": "com.samsung.android.honeyboard", "SettingsProvider": "com.android.providers.settings",
}  # fmt: skip
SAMSUNG_PRELOADS = {
    "Drive": "com.google.android.apps.docs", "SBrowser_16.0_Removable": "com.sec.android.app.sbrowser",
    "MSOutlook_Samsung": "com.microsoft.office.outlook",
    "OfficeMobile_SamsungStub": "com.microsoft.office.officehubrow",
    "SecCalculator_R": "com.sec.android.app.popupcalculator", "Photos": "com.google.android.apps.photos",
    "Videos": "com.google.android.videos", "VoiceNote_5.0": "com.sec.android.app.voicenote",
    "KidsHome": "com.sec.android.app.kidshome", "SamsungMembers": "com.samsung.android.voc",
    "Duo": "com.google.android.apps.tachyon", "Spotify": "com.spotify.music",
    "Amazon_Shopping": "com.amazon.mShop.android.shopping", "LinkedIn_SamsungStub_Deletable": "com.linkedin.android",
    "Notes40_Removable": "com.samsung.android.app.notes", "YTMusic": "com.google.android.apps.youtube.music",
    "SamsungDotCom": "com.samsung.oh", "GlobalGoals": "com.samsung.sree",
}  # fmt: skip
NOT_INSTALLED = ("dynamite", "fsverity_metadata", "policy_ads_fdr")
SOCIAL_OR_MEDIA = {
    "com.facebook.katana", "com.facebook.system", "com.facebook.services", "com.facebook.appmanager",
    "com.linkedin.android",
    "com.netflix.mediaclient", "com.netflix.partner.activation", "com.spotify.music", "com.google.android.youtube",
    "com.amazon.mShop.android.shopping", "com.google.android.apps.tachyon", "de.axelspringer.yana.zeropage",
    "com.amazon.appmanager", "com.facebook.lite",
}  # fmt: skip
XIAOMI_BEGINNINGS = ("com.android.", "com.google.", "com.miui.", "com.xiaomi.", "com.qualcomm.", "com.qti.",
                     "com.mi.", "com.lbe.", "org.codeaurora", "com.milink", "com.fido")  # fmt: skip


def main() -> None:
    """Write all lists."""
    pixel = _image("pixel8_shiba_A14_UD1A.230803.041", "pixel8_shiba_A14", PIXEL_NAMES)
    samsung = _image("samsung_a21s_A12_A217FXXU8DVF6", "samsung_a21s_A12", SAMSUNG_NAMES)
    _properties("pixel8_shiba_A14", ("system_system_build", "system_ext_etc_build", "vendor_build",
                                     "vendor_odm_etc_build", "product_etc_build"), "pixel-8")  # fmt: skip
    _properties("samsung_a21s_A12", ("system_system_build", "system_system_system_ext_etc_build", "vendor_build",
                                     "odm_etc_build", "product_etc_build"), "galaxy-a21s")  # fmt: skip
    _write("pixel-8", pixel)
    _write("galaxy-a21s", samsung | _preloads())
    known = samsung | {name: row for name, row in pixel.items() if name not in samsung}
    _write("galaxy-a54", _named("android_samsung_s10e_SM-G970F_A12_HWA3", known, SOCIAL_OR_MEDIA, 34))
    _write("pixel-9", _named("android_google_pixel8pro_husky_partial", pixel, set(), 36) | _only(pixel, 36))
    _write("xiaomi", _xiaomi(known))
    google = {n: r for n, r in pixel.items() if n.startswith(("com.android.", "com.google.")) or n == "android"}
    plain = {
        n: r for n, r in google.items() if not any(w in n for w in ("pixel", "falcon", "shannon", "sdm", "verizon"))
    }
    _write("google-12", {n: _older(r, 31) for n, r in plain.items()})
    _write("google-10", {n: _older(r, 29) for n, r in plain.items() if n not in {"com.google.android.aicore"}})


def _properties(prefix: str, parts: tuple[str, ...], name: str) -> None:
    found: dict[str, str] = {}
    for part in parts:
        for line in (DATA / "firmware" / f"{prefix}.{part}.prop").read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith(("#", "import ")):
                found[key.strip()] = value.strip()
    text = "# Build properties of the image, as facts; what only a running handset has is added by the program.\n"
    text += "".join(f"{key}={found[key]}\n" for key in sorted(found))
    (TARGET / f"{name}.properties").write_text(text, encoding="utf-8")
    print(f"{name}: {len(found)} properties")


def _image(name: str, prefix: str, names: dict[str, str]) -> dict[str, list[str]]:
    document: dict[str, Any] = json.loads((DATA / "firmware" / f"{name}.inventory.json").read_text())
    rows: dict[str, list[str]] = {}
    for apk in document["apks"]:
        package = str(apk["package"])
        stem, folder = Path(apk["path"]).stem, Path(apk["path"]).parent.name
        if any(word in package for word in NOT_INSTALLED) or (package in rows and stem != folder):
            continue
        rows[package] = [str(apk["path"]), package, *(str(apk.get(key, "")) for key in (
            "versionCode", "versionName", "minSdk", "targetSdk", "size", "certSha256", "dumpsysSignature",
            "apkSigningVersion", "sharedUserId")), ",".join(apk.get("deviceAdminReceivers", [])), ""]  # fmt: skip
    for path in (DATA / "firmware" / f"{prefix}.all_apk_paths.txt").read_text().split():
        package = names.get(Path(path).stem, "")
        if package and package not in rows:
            rows[package] = _guessed("/" + path.replace("system/system/", "system/", 1), package)
    return rows


def _guessed(path: str, package: str) -> list[str]:
    shared = {"android": "android.uid.system", "com.android.phone": "android.uid.phone",
              "com.android.settings": "android.uid.system", "com.android.systemui": "android.uid.systemui"}  # fmt: skip
    admins = {
        "com.google.android.apps.work.clouddpc": f"{package}.receivers.CloudDeviceAdminReceiver",
        "com.samsung.android.kgclient": f"{package}.agent.KGDeviceAdminReceiver",
        "com.samsung.knox.securefolder": f"{package}.containeragent.detector.KnoxDeviceAdminReceiver",
    }
    if package == "com.facebook.appmanager":
        # Seen on two makers' images with the key of the other two installers.
        certificate = "b92109b59095955ccaaf5ecbcf0f153ec9640a4658c101667ad96b7e499a4092"
        return [path, package, "", "", "", "", "", certificate, "c4e416cc", "2", "", "", "~"]
    return [path, package, "", "", "", "", "", "", "", "3", shared.get(package, ""), admins.get(package, ""), "~"]


def _preloads() -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    listing = DATA / "firmware" / "samsung_a21s_A12.system_system_etc_userdata_apks_count_list.txt"
    for path in listing.read_text().split():
        package = SAMSUNG_PRELOADS.get(Path(path).stem)
        if package:
            rows[package] = _guessed(path, package)
    return rows


def _named(listing: str, known: dict[str, list[str]], without: set[str], sdk: int) -> dict[str, list[str]]:
    names = (DATA / "inventories" / f"{listing}.txt").read_text().split()
    rows = {name: known.get(name) or _guessed(_place(name), name) for name in names if name not in without}
    return {name: _aged(row, sdk) for name, row in rows.items()}


def _only(known: dict[str, list[str]], sdk: int) -> dict[str, list[str]]:
    names = ("com.google.android.gms", "com.android.vending", "com.android.server.telecom", "com.android.phone",
             "com.google.android.apps.messaging", "com.google.android.apps.photos", "com.google.android.youtube",
             "com.google.android.apps.work.clouddpc", "com.google.android.googlequicksearchbox",
             "com.android.providers.settings", "com.android.externalstorage")  # fmt: skip
    return {name: _aged(known[name], sdk) for name in names}


def _xiaomi(known: dict[str, list[str]]) -> dict[str, list[str]]:
    names = (DATA / "inventories" / "android_xiaomi_redmi4x.txt").read_text().split()
    kept = [n for n in names if (n.startswith(XIAOMI_BEGINNINGS) or n == "android") and n not in SOCIAL_OR_MEDIA]
    return {name: _aged(known.get(name) or _guessed(_place(name), name), 34) for name in kept}


def _place(name: str) -> str:
    folder = "".join(part.capitalize() for part in name.split(".")[-2:])
    kind = "priv-app" if name.startswith(("com.android.", "com.samsung.", "com.miui.")) else "app"
    return f"/system/{kind}/{folder}/{folder}.apk"


def _aged(row: list[str], sdk: int) -> list[str]:
    row = list(row)
    if row[2] in {"31", "34"}:
        row[2], row[3] = str(sdk), {29: "10", 31: "12", 34: "14", 36: "16"}[sdk]
    row[12] = "~"
    return row


def _older(row: list[str], sdk: int) -> list[str]:
    row = _aged(row, sdk)
    row[4:6] = [str(min(int(value or sdk), sdk)) for value in row[4:6]]
    return row


def _write(name: str, rows: dict[str, list[str]]) -> None:
    lines = ["\t".join(cell.replace("\t", " ") for cell in rows[package]) + "\n" for package in sorted(rows)]
    (TARGET / f"{name}.packages.tsv").write_text(HEADER + "".join(lines), encoding="utf-8")
    print(f"{name}: {len(lines)} packages")


if __name__ == "__main__":
    main()
