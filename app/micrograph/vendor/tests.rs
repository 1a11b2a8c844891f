//! Small files that the tests write, a trap each, read whole as a user opens them.

#![allow(clippy::unwrap_used)]

mod dm;
mod hostile;
mod pages;
mod truth;

use super::table::{Field, METRE, RADIAN, Row, SECOND, Unit, VOLT};
use super::{fei, gatan, hitachi, jeol, tescan, zeiss};
use crate::micrograph::made::{Bytes, Numbers, tiff_image};
use crate::micrograph::{Limits, Metadata, Micrograph, describe, read, read_bytes};

fn opened(size_px: [u32; 2], numbers: &[Numbers], bytes: &[Bytes]) -> Micrograph {
    let file = tiff_image(size_px, numbers, bytes);
    read_bytes(&file, "made.tif", Limits::default()).unwrap()
}

fn text_tag(id: u16, text: &[u8]) -> Vec<Bytes> {
    vec![(id, 2, text.to_vec())]
}

/// A TIFF file with a text in one tag, opened.
fn with_text(size_px: [u32; 2], id: u16, of: &[u8]) -> Metadata {
    opened(size_px, &[], &text_tag(id, of)).metadata
}

/// The calibration in whole thousandths of a nanometre.
fn size_pm(metadata: &Metadata) -> Option<[i64; 2]> {
    let calibration = metadata.calibration.as_ref()?;
    Some([calibration.x_nm, calibration.y_nm].map(|nm| (nm * 1e3).round() as i64))
}

const FEI: &[u8] = b"[User]\r\nDate=06/13/2016\r\nTime=05:06:40 PM\r\n[System]\r\nSystemType=Helios\" 660\r\n\
    [Beam]\r\nHV=5000\r\nScanRotation=0.5235987756\r\nBeam=IBeam\r\nScan=IScan\r\n[EBeam]\r\nHV=2000\r\nWD=0.001\r\n\
    [IBeam]\r\nHV=30000\r\nHFW=2.56e-005\r\nWD=0.0165\r\nTiltCorrectionIsOn=yes\r\n[Scan]\r\nDwelltime=1e-006\r\n\
    PixelWidth=5e-008\r\nPixelHeight=5e-008\r\n[Stage]\r\nStageT=0.9075712111\r\n[Image]\r\nResolutionX=512\r\n\
    ResolutionY=40\r\n[Detectors]\r\nName=ICE\r\n[PrivateFei]\r\nTimeOfCreation=13.06.2016 17:06:40\r\n\0junk";

#[test]
fn fei_is_in_si_units_and_radians_and_of_the_beam_in_use() {
    let metadata = with_text([512, 50], 34682, FEI);
    assert_eq!(metadata.vendor, Some("FEI / Thermo"));
    assert_eq!(metadata.instrument.as_deref(), Some("Helios 660"));
    assert_eq!(metadata.accelerating_voltage_kv, Some(30.0));
    assert_eq!(metadata.working_distance_mm, Some(16.5));
    assert_eq!(metadata.detector.as_deref(), Some("ICE"));
    assert_eq!(metadata.dwell_us.map(|us| (us * 1e6).round()), Some(1e6));
    assert_eq!(metadata.scan_rotation_deg.map(f64::round), Some(30.0));
    assert_eq!(metadata.stage_tilt_deg.map(f64::round), Some(52.0));
    assert_eq!(metadata.tilt_correction, Some(true));
    assert_eq!(metadata.date.as_deref(), Some("2016-06-13T17:06:40"));
    assert_eq!(size_pm(&metadata), Some([50_000, 50_000]));
    assert_eq!(metadata.data_bar_rows, Some(10));
    assert_eq!(
        metadata.rivals.len(),
        1,
        "the field width of the beam in use"
    );
    assert!(metadata.warnings.is_empty(), "{:?}", metadata.warnings);
    // The same text in the other tag, and behind an old image.
    assert_eq!(
        size_pm(&with_text([512, 50], 34680, FEI)),
        Some([50_000, 50_000])
    );
    let mut old = tiff_image([512, 50], &[], &[]);
    old.extend(FEI);
    let old = read_bytes(&old, "old.tif", Limits::default()).unwrap();
    assert_eq!(size_pm(&old.metadata), Some([50_000, 50_000]));
    assert_eq!(old.calibration, old.metadata.calibration);
}

#[test]
fn fei_of_another_width_has_a_stale_scale() {
    let metadata = with_text([256, 25], 34682, FEI);
    assert_eq!(metadata.calibration, None);
    assert!(
        metadata.warnings[0].contains("scale is stale"),
        "{:?}",
        metadata.warnings
    );
    assert_eq!(metadata.rivals[0].x_nm.round(), 50.0, "shown, but not used");
}

#[test]
fn fei_values_may_be_empty_or_no_numbers() {
    let bad =
        b"[User]\nDate=\n[Beam]\nHV=notafloat\nBeam=IRBeam\n[Scan]\nPixelWidth=\nPixelHeight=nan\n\
        Dwelltime=-1\n[Stage]\nWorkingDistance=notafloat\nStageT=1e99\n";
    let metadata = with_text([20, 10], 34682, bad);
    let entries = metadata.entries.len();
    assert!(entries >= 8, "the raw lines stay: {entries}");
    let expected = Metadata {
        vendor: Some("FEI / Thermo"),
        entries: metadata.entries.clone(),
        ..Metadata::default()
    };
    assert_eq!(metadata, expected);
}

fn zeiss_text(lines: &[u8]) -> Vec<u8> {
    let header = b"0\r\n0\r\n0\r\n5.824988e-009\r\n5.000000e+004\r\n6\r\n5.0e+003\r\n2.309\r\n2e-007\r\n3.937911e-003\r\n68\r\n";
    [&header[..], lines].concat()
}

#[test]
fn zeiss_gives_the_size_of_image_pixels_not_of_a_line_of_1024() {
    let of = zeiss_text(
        b"AP_PIXEL_SIZE\r\nPixel Size = 5.825 nm\r\nAP_WIDTH\r\nWidth = 5.965 \xb5m\r\nAP_HEIGHT\r\nHeight = 4.474 \xb5m\r\n\
        AP_ACTUALKV\r\nEHT =  5.00 kV\r\nAP_TILT_ANGLE\r\nTilt Angle = 36.0 \xb0\r\nAP_STAGE_AT_T\r\nStage at T = 54.0 \xb0\r\n\
        DP_DETECTOR_CHANNEL\r\nSignal A = InLens\r\nDP_DWELL_TIME\r\nDwell Time = 100 ns\r\nAP_DATE\r\nDate :25 Sep 2018\r\n\
        AP_TIME\r\nTime :8:20:42\r\nSV_SERIAL_NUMBER\r\nSerial No. = ULTRA 55-36-06\r\n\
        AP_FRAME_COUNTER\r\nRange Error 279.6\r\n",
    );
    let metadata = with_text([512, 384], 34118, &of);
    assert_eq!(size_pm(&metadata), Some([11_650, 11_650]));
    assert_eq!(metadata.rivals.len(), 2);
    assert!(
        metadata.rivals[1].from.contains("a line of 1024"),
        "{:?}",
        metadata.rivals
    );
    assert!(metadata.warnings.is_empty(), "{:?}", metadata.warnings);
    assert_eq!(metadata.instrument.as_deref(), Some("ULTRA"));
    assert_eq!(metadata.accelerating_voltage_kv, Some(5.0));
    assert_eq!(metadata.working_distance_mm, Some(3.937911));
    assert_eq!(metadata.magnification, Some(50_000.0));
    assert_eq!(metadata.detector.as_deref(), Some("InLens"));
    assert_eq!(metadata.dwell_us, Some(0.1));
    assert_eq!(metadata.date.as_deref(), Some("2018-09-25T08:20:42"));
    assert_eq!(
        metadata.stage_tilt_deg,
        Some(54.0),
        "not the correction's angle"
    );
    assert_eq!(metadata.tilt_correction, None);
    let line = metadata
        .entries
        .iter()
        .find(|entry| entry.key == "AP_WIDTH");
    assert_eq!(
        line.unwrap().value,
        "Width = 5.965 µm",
        "Windows-1252 is understood"
    );
}

#[test]
fn zeiss_stored_but_off_is_off() {
    let of = |rotation: &str, tilt: &str| {
        let lines = format!(
            "DP_SCAN_ROT\nScan Rot = {rotation}\nAP_SCANROTATION\nScan Rotation = 42.5\n\
             DP_TILT_CORRECTION\nTilt Corrn. = {tilt}\nAP_TILT_ANGLE\nTilt Angle = 36.0\n"
        );
        with_text([1024, 8], 34118, &zeiss_text(lines.as_bytes()))
    };
    let (off, on) = (of("Off", "Off"), of("On", "On"));
    assert_eq!(
        (off.scan_rotation_deg, off.tilt_correction),
        (Some(0.0), Some(false))
    );
    assert_eq!(
        (on.scan_rotation_deg, on.tilt_correction),
        (Some(42.5), Some(true))
    );
    assert_eq!((off.stage_tilt_deg, on.stage_tilt_deg), (None, None));
}

#[test]
fn zeiss_units_change_from_line_to_line() {
    let of = |unit: &str| {
        let lines = format!("AP_IMAGE_PIXEL_SIZE\nImage Pixel Size = 985.0 {unit}\n");
        let metadata = with_text([64, 48], 34118, lines.as_bytes());
        size_pm(&metadata).map(|[x, _]| x)
    };
    assert_eq!(of("pm"), Some(985));
    assert_eq!(of("nm"), Some(985_000));
    assert_eq!(of("µm"), Some(985_000_000));
    assert_eq!(of("K X"), None);
}

#[test]
fn zeiss_of_another_size_has_a_stale_scale() {
    let stored = zeiss_text(b"DP_IMAGE_STORE\r\nStore resolution = 1024 * 768\r\n");
    let squeezed = zeiss_text(b"AP_WIDTH\nWidth = 5.965 um\nAP_HEIGHT\nHeight = 4.474 um\n");
    let narrower = zeiss_text(b"AP_IMAGE_PIXEL_SIZE\nImage Pixel Size = 5.825 nm\n");
    for (size, of) in [
        ([700, 525], &stored),
        ([512, 300], &squeezed),
        ([512, 384], &narrower),
    ] {
        let metadata = with_text(size, 34118, of);
        assert_eq!(metadata.calibration, None, "{size:?}");
        assert!(
            metadata.warnings[0].contains("stale"),
            "{:?}",
            metadata.warnings
        );
    }
    let bar_cut_off = [
        narrower.as_slice(),
        b"AP_WIDTH\nWidth = 5.965 um\nAP_HEIGHT\nHeight = 4.474 um\n",
    ];
    let cut = with_text([1024, 700], 34118, &bar_cut_off.concat());
    assert!(
        cut.calibration.is_some() && cut.warnings[0].contains("700 rows"),
        "{cut:?}"
    );
    for (size, of) in [
        ([1024, 768], &stored),
        ([512, 384], &squeezed),
        ([1024, 768], &narrower),
    ] {
        let metadata = with_text(size, 34118, of);
        assert!(metadata.calibration.is_some(), "{size:?}");
        assert!(metadata.warnings.is_empty(), "{:?}", metadata.warnings);
    }
}

fn tescan_tag(texts: &[(u16, &[u8])]) -> Vec<Bytes> {
    // A thumbnail whose bytes look like keys comes first.
    let mut tag = Vec::new();
    let thumbnail: (u16, &[u8]) = (1, b"\xff\xd8PixelSizeX=9\n\xff\xd9");
    for (kind, text) in [thumbnail].iter().chain(texts) {
        tag.extend((text.len() as u32 + 2).to_le_bytes());
        tag.extend(kind.to_le_bytes());
        tag.extend(*text);
    }
    tag.extend([2, 0, 0, 0, 0, 0]);
    vec![(50431, 1, tag)]
}

#[test]
fn tescan_is_read_block_by_block_in_metres_and_degrees() {
    let main: &[u8] = b"Device=TESCAN AMBER\r\nDeviceModel=S8251G\r\nDate=2023-03-24\r\nTime=08:08:25\r\n\
        PixelSizeX=0.000000004537772\r\nPixelSizeY=-0.000000004537772\r\nImageStripSize=8\r\nMagnification=59999.85\r\n";
    let sem: &[u8] = b"HV=1000.0\r\nTubeVoltage=7000\r\nWD=0.003847444\r\nDetector=E-T\r\nDwellTime=0.0000032\r\n\
        ScanRotation=18.0\r\nStageTilt=0.001\r\nTiltCorrection=0.0\r\n";
    let metadata = opened([40, 30], &[], &tescan_tag(&[(2, main), (3, sem)])).metadata;
    assert_eq!(
        size_pm(&metadata),
        Some([4_538, 4_538]),
        "the absolute value"
    );
    assert_eq!(metadata.instrument.as_deref(), Some("TESCAN AMBER S8251G"));
    assert_eq!(
        metadata.accelerating_voltage_kv,
        Some(1.0),
        "not the tube's voltage"
    );
    assert_eq!(
        metadata.working_distance_mm.map(|mm| (mm * 1e3).round()),
        Some(3847.0)
    );
    assert_eq!(metadata.dwell_us.map(|us| (us * 10.0).round()), Some(32.0));
    assert_eq!(metadata.scan_rotation_deg, Some(18.0), "degrees already");
    assert_eq!(metadata.tilt_correction, Some(false));
    assert_eq!(metadata.data_bar_rows, Some(8));
    assert_eq!(metadata.date.as_deref(), Some("2023-03-24T08:08:25"));
}

#[test]
fn the_text_comes_out_though_the_pixels_do_not() {
    let mut file = tiff_image([512, 50], &[], &text_tag(34682, FEI));
    file.truncate(file.len() - 9_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.tif");
    std::fs::write(&path, file).unwrap();
    assert!(read(&path, Limits::default()).is_err());
    let (header, metadata) = describe(&path, None, Limits::default()).unwrap();
    assert_eq!((header.width, header.height), (512, 50));
    assert_eq!(size_pm(&metadata), Some([50_000, 50_000]));
}

#[test]
fn an_editor_that_saved_the_file_is_named() {
    let mut bytes = text_tag(34682, FEI);
    bytes.extend(text_tag(305, b"Adobe Photoshop CC 2019 (Windows)\0"));
    let metadata = opened([512, 50], &[], &bytes).metadata;
    assert!(
        metadata.calibration.is_some(),
        "nothing says it was resized"
    );
    assert!(
        metadata.warnings[0].contains("Photoshop"),
        "{:?}",
        metadata.warnings
    );
}

const HITACHI: &str = "[SemImageFile]\r\nInstructName=TM4000\r\nImageName=another name.tif\r\nDate=2021/06/23\r\n\
    Time=16:38:33\r\nDataSize=128x96\r\nPixelSize=496.0938\r\nSignalName=BSE\r\nAcceleratingVoltage=15000 Volt\r\n\
    Magnification=200\r\nWorkingDistance=7706.35 um\r\nStagePositionT=0.000\r\nTiltCompensation=0\r\nRasterRotation=10.2\r\n";

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// An image and a text file of the same name in a folder of their own, the image opened.
fn with_sidecar(size_px: [u32; 2], bytes: &[Bytes], sidecar: &[u8]) -> Metadata {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("shot 1.tif");
    std::fs::write(&image, tiff_image(size_px, &[], bytes)).unwrap();
    std::fs::write(folder.path().join("shot 1.txt"), sidecar).unwrap();
    read(&image, Limits::default()).unwrap().metadata
}

#[test]
fn hitachi_is_read_from_its_text_file_in_two_encodings() {
    let wide = [b"\xff\xfe".to_vec(), utf16(HITACHI)].concat();
    for sidecar in [wide.as_slice(), HITACHI.as_bytes()] {
        let metadata = with_sidecar([128, 100], &[], sidecar);
        assert_eq!(metadata.vendor, Some("Hitachi"));
        assert_eq!(metadata.instrument.as_deref(), Some("Hitachi TM4000"));
        assert_eq!(size_pm(&metadata), Some([496_094, 496_094]));
        assert_eq!(metadata.accelerating_voltage_kv, Some(15.0));
        assert_eq!(
            metadata.working_distance_mm.map(|mm| (mm * 1e5).round()),
            Some(770_635.0)
        );
        assert_eq!(metadata.magnification, Some(200.0));
        assert_eq!(metadata.scan_rotation_deg, Some(10.2));
        assert_eq!(metadata.tilt_correction, Some(false));
        assert_eq!(metadata.date.as_deref(), Some("2021-06-23T16:38:33"));
    }
    let resized = with_sidecar([64, 48], &[], HITACHI.as_bytes());
    assert_eq!(resized.calibration, None);
    assert!(
        resized.warnings[0].contains("64 × 48"),
        "{:?}",
        resized.warnings
    );
    let ambiguous = with_sidecar(
        [128, 96],
        &[],
        HITACHI.replace("2021/06/23", "03/04/2021").as_bytes(),
    );
    assert_eq!(ambiguous.date, None);
    assert!(ambiguous.warnings[0].contains("03/04/2021"));
}

#[test]
fn hitachi_tags_stand_in_for_a_missing_text_file() {
    let short = "PixelSize=496.0938\r\nCondition=Vacc=15.0kV Mag=x200 WD=7.7mm LensMode=3\r\nSignalName=BSE\r\n";
    let tags = vec![(40092, 1, utf16(short)), (40093, 1, utf16("TM4000\0"))];
    let metadata = opened([128, 96], &[], &tags).metadata;
    assert_eq!(metadata.instrument.as_deref(), Some("Hitachi TM4000"));
    assert_eq!(size_pm(&metadata), Some([496_094, 496_094]));
    assert_eq!(metadata.accelerating_voltage_kv, Some(15.0));
    assert_eq!(metadata.working_distance_mm, Some(7.7));
    assert_eq!(metadata.magnification, Some(200.0));
    let edited = [tags.clone(), text_tag(305, b"GIMP 2.10\0")].concat();
    let edited = with_sidecar([128, 96], &edited, HITACHI.as_bytes());
    assert!(edited.warnings[0].contains("GIMP"), "{:?}", edited.warnings);
    let both = with_sidecar([128, 96], &tags, HITACHI.as_bytes());
    assert_eq!(
        both.working_distance_mm.map(|mm| (mm * 1e5).round()),
        Some(770_635.0)
    );
}

const JEOL: &[u8] = b"$SEM_DATA_VERSION 1\r\n$CM_FORMAT JEOL-SEM\r\n$CM_ACCEL_VOLT 1.00\r\n$$SM_WD 2.77\r\n$CM_MAG 50000\r\n\
    $$SM_SCAN_ROTATION 298.80\r\n$CM_SIGNAL SEI\r\n$CM_STAGE_POS -0.1 1.2 7.4 360.0 12.5 0\r\n$CM_DATE 2010/10/01\r\n\
    $CM_TIME 08:44:19\r\n$CM_INSTRUMENT 7600F\r\n$$SM_MICRON_BAR 53\r\n$$SM_MICRON_MARKER 100nm\r\n$CM_TITLE 5\xb5m\n\
    $CM_FULL_SIZE 1280 96\r\n";

#[test]
fn jeol_is_read_from_its_text_file_and_its_printed_bar() {
    let metadata = with_sidecar([1280, 100], &[], JEOL);
    assert_eq!(metadata.instrument.as_deref(), Some("JEOL 7600F"));
    assert_eq!(size_pm(&metadata), Some([1_887, 1_887]));
    assert_eq!(metadata.rivals[0].x_nm, 1.875, "by the magnification");
    assert!(metadata.warnings.is_empty(), "{:?}", metadata.warnings);
    assert_eq!(metadata.stage_tilt_deg, Some(12.5));
    assert_eq!(metadata.scan_rotation_deg, Some(298.8));
    assert_eq!(metadata.working_distance_mm, Some(2.77));
    assert_eq!(metadata.detector.as_deref(), Some("SEI"));
    assert_eq!(metadata.data_bar_rows, Some(4));
    assert_eq!(with_sidecar([640, 50], &[], JEOL).calibration, None);
}

#[test]
fn jeol_may_stand_inside_the_tiff_file() {
    let newer = "$CM_FORMAT=JEOL-SEM\r\n$CM_ACCEL_VOLT=5.00\r\n$CM_MAG=1000\r\n$CM_IMAGE_SIZE=1280 96\r\n\
        $SM_MICRON_BAR=106\r\n$SM_MICRON_MARKER=10um\r\n";
    let metadata = opened([1280, 96], &[], &[(37510, 7, utf16(newer))]).metadata;
    assert_eq!(metadata.vendor, Some("JEOL"));
    assert_eq!(metadata.accelerating_voltage_kv, Some(5.0));
    assert_eq!(size_pm(&metadata), Some([94_340, 94_340]));
}

#[test]
fn a_printed_magnification_or_dpi_is_no_calibration() {
    let text =
        b"$SEM_DATA_VERSION 1\r\n$CM_FORMAT JEOL-SEM\r\n$CM_MAG 50000\r\n$CM_FULL_SIZE 128 96\r\n";
    let metadata = with_sidecar([128, 96], &[], text);
    assert_eq!(
        (metadata.magnification, metadata.calibration),
        (Some(50_000.0), None)
    );
    let dpi = [
        (282, 5, vec![300, 1]),
        (283, 5, vec![300, 1]),
        (296, 3, vec![2]),
    ];
    let metadata = opened([128, 96], &dpi, &[]).metadata;
    assert_eq!((metadata.vendor, metadata.calibration), (None, None));
    let shown = metadata
        .entries
        .iter()
        .find(|entry| entry.key == "TIFF XResolution");
    assert_eq!(shown.unwrap().value, "300.0000 per inch");
}

#[test]
fn a_text_file_is_followed_nowhere_and_read_to_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("a.tif");
    std::fs::write(&image, tiff_image([128, 96], &[], &[])).unwrap();
    let vendor = || read(&image, Limits::default()).unwrap().metadata.vendor;
    let beside = folder.path().join("a.txt");
    std::fs::write(folder.path().join("b.txt"), HITACHI).unwrap();
    assert_eq!(vendor(), None, "of another name");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("b.txt"), &beside).unwrap();
        assert_eq!(vendor(), None, "a link");
        std::fs::remove_file(&beside).unwrap();
    }
    std::fs::create_dir(&beside).unwrap();
    assert_eq!(vendor(), None, "a folder");
    std::fs::remove_dir(&beside).unwrap();
    std::fs::write(&beside, format!("{HITACHI}{}", " ".repeat(2 << 20))).unwrap();
    assert_eq!(vendor(), None, "too large");
    std::fs::write(&beside, "beam 5 kV, my notes").unwrap();
    assert_eq!(vendor(), None, "somebody's notes");
    std::fs::write(&beside, HITACHI).unwrap();
    assert_eq!(vendor(), Some("Hitachi"));
}

fn imagej(description: &[u8], resolution_unit: u64, per_unit: [[u64; 2]; 2]) -> Metadata {
    let [x, y] = per_unit.map(|fraction| fraction.to_vec());
    let numbers = [(282, 5, x), (283, 5, y), (296, 3, vec![resolution_unit])];
    opened([8, 8], &numbers, &text_tag(270, description)).metadata
}

#[test]
fn imagej_counts_pixels_per_unit_and_x_need_not_be_y() {
    let of = |unit: &str| {
        let text = format!("ImageJ=1.53\nimages=1\nunit={unit}\n");
        size_pm(&imagej(
            text.as_bytes(),
            1,
            [[5_928_571, 1_000_000], [10, 1]],
        ))
    };
    assert_eq!(of("micron"), Some([168_675, 100_000]));
    assert_eq!(of("\\u00B5m"), of("micron"));
    assert_eq!(of("nm"), Some([169, 100]));
    assert_eq!(of("pixel"), None);
    assert_eq!(of(""), None);
    let no_unit = imagej(b"ImageJ=1.53\nmin=0\n", 1, [[72, 1]; 2]);
    assert_eq!(
        (no_unit.vendor, no_unit.calibration),
        (Some("ImageJ"), None)
    );
    let dpi_over_it = imagej(b"ImageJ=1.53\nunit=nm\n", 2, [[72, 1]; 2]);
    assert_eq!(dpi_over_it.calibration, None);
    assert!(dpi_over_it.warnings[0].contains("another program"));
    assert_eq!(
        imagej(b"ImageJ=1.53\nunit=nm\n", 1, [[0, 1]; 2]).calibration,
        None
    );
}

#[test]
fn ome_units_default_to_micrometres_and_stale_sizes_are_dropped() {
    let of = |attributes: &str| {
        let xml = format!(
            "<?xml version=\"1.0\"?><OME xmlns=\"x\"><Image><AcquisitionDate>2020-01-02T03:04:05Z</AcquisitionDate>\
            <Pixels ID=\"Pixels:0\" {attributes}><Channel/></Pixels></Image></OME>"
        );
        with_text([64, 48], 270, xml.as_bytes())
    };
    let default = of("SizeX=\"64\" SizeY=\"48\" PhysicalSizeX=\"0.005\" PhysicalSizeY=\"0.006\"");
    assert_eq!(size_pm(&default), Some([5_000, 6_000]));
    assert_eq!(default.date.as_deref(), Some("2020-01-02T03:04:05"));
    let named = of(
        "PhysicalSizeX='5' PhysicalSizeXUnit='nm' PhysicalSizeY='5' PhysicalSizeYUnit='&#181;m'",
    );
    assert_eq!(size_pm(&named), Some([5_000, 5_000_000]));
    assert_eq!(
        of("SizeX=\"128\" SizeY=\"96\" PhysicalSizeX=\"1\" PhysicalSizeY=\"1\"").calibration,
        None
    );
    assert_eq!(
        of("PhysicalSizeX=\"1\" PhysicalSizeXUnit=\"pixel\" PhysicalSizeY=\"1\"").calibration,
        None
    );
}

/// A black image with the structure behind it.
fn sis_file() -> Vec<u8> {
    let model = text_tag(272, b"Quemesa\0");
    let at = tiff_image([64, 48], &[(33560, 4, vec![0])], &model).len() as u32;
    let mut sis = b"SIS0\x01\x01\0\0".to_vec();
    let second_to_year = [31_u16, 42, 19, 15, 10, 118];
    sis.extend(second_to_year.iter().flat_map(|word| word.to_le_bytes()));
    sis.resize(58, 0);
    // One section: its type, a count, its offset.
    sis.extend([1, 0, 1, 0, 1, 0]);
    sis.extend((at + 68).to_le_bytes());
    sis.extend([0; 10]);
    sis.extend((-6_i16).to_le_bytes());
    for number in [2.392_79e-5_f64, 2.392_79e-5, 1.0, 600_000.0] {
        sis.extend(number.to_le_bytes());
    }
    let image = tiff_image([64, 48], &[(33560, 4, vec![u64::from(at)])], &model);
    [image, sis].concat()
}

#[test]
fn sis_is_found_behind_a_tag_that_points_at_it() {
    let file = read_bytes(&sis_file(), "sis.tif", Limits::default());
    let metadata = file.unwrap().metadata;
    assert_eq!(metadata.vendor, Some("Olympus SIS"));
    assert_eq!(metadata.instrument.as_deref(), Some("Quemesa camera (TEM)"));
    assert_eq!(metadata.date.as_deref(), Some("2018-11-15T19:42:31"));
    assert_eq!(metadata.magnification, Some(600_000.0));
    assert_eq!(size_pm(&metadata), Some([24, 24]));
}

#[test]
fn the_guide_lists_every_key_with_its_reason() {
    let guide = include_str!("../../../docs/FILES.md");
    let tables = [
        fei::TABLE,
        zeiss::TABLE,
        tescan::TABLE,
        hitachi::TABLE,
        jeol::TABLE,
        gatan::TABLE,
    ];
    for row in tables.concat() {
        let line = format!("`{}` | {} | {} |", row.key, unit_words(&row), row.why);
        assert!(guide.contains(&line), "docs/FILES.md lacks: {line}");
    }
}

fn unit_words(row: &Row) -> &'static str {
    match (row.unit, row.field) {
        (Unit::Text, _) => "word",
        (Unit::Switch, _) => "on or off",
        (Unit::Written, _) => "in the value",
        (VOLT, Field::Voltage) => "V",
        (METRE, Field::WorkingDistance) => "m",
        (SECOND, Field::Dwell) => "s",
        (RADIAN, Field::StageTilt | Field::ScanRotation) => "rad",
        (_, Field::Voltage) => "kV",
        (_, Field::WorkingDistance) => "mm",
        (_, Field::Magnification) => "times",
        (_, Field::Dwell) => "µs",
        _ => "°",
    }
}
