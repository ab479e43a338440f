//! The strategies side by side, and beside the obvious program: `image` and rayon.
//!
//!     cargo bench --bench imgproc
//!     cargo bench --bench imgproc -- grey
//!     IMGPROC_PHOTOS=FOLDER cargo bench --bench imgproc
//!
//! The job: four photos of 13 megapixels (the largest sample, enlarged) or those of the folder,
//! JPEG to JPEG, quality 90, from file to file. The throughput is in pixels. Each strategy has as
//! many workers as there are cores; `rayon` is also run with one. `imgproc/jpeg` measures the
//! codecs alone, with one of these photos on one thread: those that the lesson uses, and others.

use std::env;
use std::fs::File;
use std::hint::black_box;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use image::codecs::jpeg::JpegEncoder;
use imgproc::codec::{Format, Limits, Strip, decode, encode_band};
use imgproc::filter::{Blur, Filter, Grey, Thumbnail};
use imgproc::{Job, Settings, Strategy, Task, files, processes, samples};
use indicatif::ProgressBar;
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, SamplingFactor};
use libjpeg_turbo_rs::PixelFormat;
use rayon::prelude::*;
use timing::{Machine, Timeline, cli};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// The longer side of the thumbnails: about a quarter of the photos'.
const SIZE: usize = 1_200;

fn main() {
    // `processes` starts this very program as its workers.
    processes::serve_if_child();
    let mut criterion = Criterion::default()
        .sample_size(10)
        // Criterion's default of 100 000 would take longer than the measurement itself.
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    bench(&mut criterion);
    criterion.final_summary();
}

fn bench(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tasks = tasks(folder.path());
    let pixels = |task: &Task| image::image_dimensions(&task.input).map(|(w, h)| u64::from(w * h));
    let pixels: u64 = tasks
        .iter()
        .map(|task| pixels(task).expect("a photo"))
        .sum();
    let cores = Machine::detect().cores;
    for (name, filter) in [
        ("grey", Filter::Grey(Grey)),
        ("blur", Filter::Blur(Blur { sigma: 5.0 })),
        (
            "thumbnail",
            Filter::Thumbnail(Thumbnail { size: SIZE as u32 }),
        ),
    ] {
        let mut group = criterion.benchmark_group(format!("imgproc/{name}"));
        group.throughput(Throughput::Elements(pixels));
        // One iteration a sample: it takes long enough.
        group.sampling_mode(SamplingMode::Flat);
        let image_rayon = BenchmarkId::new("image+rayon", cores);
        group.bench_function(image_rayon, |b| b.iter(|| straight(&tasks, filter)));
        let mut measure = |strategy: Strategy, workers: usize| {
            let job = job(&tasks, filter, workers);
            let id = BenchmarkId::new(cli::name(&strategy), strategy.workers(workers));
            group.bench_function(id, |b| b.iter(|| run(strategy, &job)));
        };
        measure(Strategy::Rayon, 1);
        for strategy in Strategy::IN_TURN {
            measure(strategy, cores);
        }
        group.finish();
    }
    let is_jpeg = |file: &Vec<u8>| file.starts_with(&[0xff, 0xd8]);
    let files = tasks.iter().map(|task| std::fs::read(&task.input));
    if let Some(jpeg) = files.map(|file| file.expect("a photo")).find(is_jpeg) {
        codecs(criterion, &jpeg);
    }
}

/// The JPEG codecs that need no system package, side by side.
fn codecs(criterion: &mut Criterion, file: &[u8]) {
    let read = |luma| decode(file, luma, Limits::default(), Vec::new()).expect("a JPEG");
    let (rgb, luma) = (read(false), read(true));
    let mut group = criterion.benchmark_group("imgproc/jpeg");
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements((rgb.width * rgb.height) as u64));
    let mut out = Vec::new();
    for (name, zune_out, turbo_out) in [
        ("decode", ColorSpace::RGB, PixelFormat::Rgb),
        ("decode-luma", ColorSpace::Luma, PixelFormat::Grayscale),
    ] {
        group.bench_function(BenchmarkId::new(name, "zune-jpeg"), |b| {
            b.iter(|| zune(file, zune_out, &mut out));
        });
        group.bench_function(BenchmarkId::new(name, "libjpeg-turbo-rs"), |b| {
            b.iter(|| turbo(file, turbo_out, &mut out));
        });
    }
    // In bands, as in the lesson.
    for (name, photo, color) in [
        ("encode", &rgb, ColorType::Rgb),
        ("encode-luma", &luma, ColorType::Luma),
    ] {
        group.bench_function(BenchmarkId::new(name, "libjpeg-turbo-rs"), |b| {
            b.iter(|| {
                for rows in photo.bands() {
                    black_box(encode_band(photo, rows, 90, Strip::All).expect("a JPEG"));
                }
            });
        });
        group.bench_function(BenchmarkId::new(name, "jpeg-encoder"), |b| {
            b.iter(|| {
                for rows in photo.bands() {
                    out.clear();
                    let mut encoder = jpeg_encoder::Encoder::new(&mut out, 90);
                    encoder.set_sampling_factor(SamplingFactor::F_2_2);
                    // The default takes the colour of one of four pixels.
                    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
                    let (width, height) = (photo.width as u16, rows.len() as u16);
                    let encoded = encoder.encode(photo.rows(rows), width, height, color);
                    encoded.expect("a JPEG");
                }
            });
        });
    }
    group.finish();
}

fn zune(file: &[u8], out: ColorSpace, pixels: &mut Vec<u8>) {
    let options = DecoderOptions::new_fast()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(out);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().expect("a JPEG");
    pixels.resize(decoder.output_buffer_size().expect("a size"), 0);
    decoder.decode_into(pixels).expect("a JPEG");
}

fn turbo(file: &[u8], out: PixelFormat, pixels: &mut Vec<u8>) {
    let mut decoder = libjpeg_turbo_rs::Decoder::new(file).expect("a JPEG");
    decoder.set_output_format(out);
    if out == PixelFormat::Grayscale {
        decoder.set_output_colorspace(libjpeg_turbo_rs::ColorSpace::Grayscale);
    }
    pixels.resize(decoder.output_buffer_size().expect("a size"), 0);
    decoder.decode_image_into(pixels).expect("a JPEG");
}

fn tasks(folder: &Path) -> Vec<Task> {
    let photos: Vec<PathBuf> = match env::var_os("IMGPROC_PHOTOS") {
        Some(folder) => {
            let found = files::find(&[folder.into()], Path::new(""));
            found.found.into_iter().map(|photo| photo.0).collect()
        }
        None => {
            // `cargo test` runs each bench once, to see that it works: small photos are enough.
            let measured = env::args().any(|argument| argument == "--bench");
            let factor = if measured { 3 } else { 1 };
            let all = samples::enlarge_into(&folder.join("in"), factor).expect("the samples");
            let largest = all.into_iter().find(|path| path.ends_with("seeding.jpg"));
            vec![largest.expect("a sample"); 4]
        }
    };
    std::fs::create_dir(folder.join("out")).expect("a folder for the results");
    let place = |(number, input): (usize, &PathBuf)| Task {
        input: input.clone(),
        output: folder.join(format!("out/{number}.jpg")),
        format: Format::Jpeg,
    };
    photos.iter().enumerate().map(place).collect()
}

fn job(tasks: &[Task], filter: Filter, workers: usize) -> Job {
    Job {
        tasks: tasks.to_vec(),
        settings: Settings {
            force: true,
            ..Settings::new(filter)
        },
        workers,
        program: env::current_exe().expect("this program's own path"),
        stop: Default::default(),
        progress: ProgressBar::hidden(),
        on_outcome: None,
    }
}

fn run(strategy: Strategy, job: &Job) {
    let outcomes = strategy.run(job, &Timeline::off()).expect("workers");
    assert!(outcomes.iter().all(|outcome| outcome.done().is_some()));
}

/// The obvious program, as the documentation of `image` and rayon suggests it.
fn straight(tasks: &[Task], filter: Filter) {
    tasks.par_iter().for_each(|task| {
        let photo = image::open(&task.input).expect("a photo");
        let photo = match filter {
            Filter::Grey(Grey) => photo.to_luma8().into(),
            Filter::Blur(Blur { sigma }) => photo.blur(sigma as f32),
            _ => {
                let size = SIZE as u32;
                photo.resize(size, size, image::imageops::FilterType::Lanczos3)
            }
        };
        let file = BufWriter::new(File::create(&task.output).expect("a file"));
        let encoder = JpegEncoder::new_with_quality(file, 90);
        photo.write_with_encoder(encoder).expect("a JPEG");
    });
}
