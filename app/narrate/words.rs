//! The nouns and set phrases of each kind of scene.
//!
//! Tables only: what a microscopist calls the parts, in the category's own vocabulary. Called by
//! the other files of `narrate`.

use crate::questions::Category;
use crate::simulate::Kind;

/// What the structures of a kind are called.
#[derive(Clone, Copy)]
pub struct Words {
    /// One of them.
    pub unit: &'static str,
    /// Several of them.
    pub units: &'static str,
    /// Names of the kind for `basics.type`.
    pub types: &'static [&'static str],
    /// Sentences on form for `morphology.shape`.
    pub shapes: &'static [&'static str],
    /// Sentences on parts for `function.regions`.
    pub regions: &'static [&'static str],
}

/// The words of a kind; `variant` is the scene's flag of the same name.
pub fn words(kind: Kind, variant: bool) -> Words {
    match kind {
        Kind::SpreadCells
        | Kind::RoundCells
        | Kind::CellSurface
        | Kind::NeuriteNet
        | Kind::Rods
        | Kind::SpinyGrain
        | Kind::RidgedPlates => biological(kind, variant),
        Kind::FibreBundle
        | Kind::CrossingFibres
        | Kind::FibreMat
        | Kind::GroovedFibres
        | Kind::Weave => fibres(kind, variant),
        Kind::FilmSection
        | Kind::GrainyFilm
        | Kind::CrackedFilm
        | Kind::PinholeFilm
        | Kind::WrinkledFilm
        | Kind::FractureEdge => films(kind, variant),
        Kind::Comb
        | Kind::Interdigitated
        | Kind::PadsAndTracks
        | Kind::Cantilevers
        | Kind::Membrane
        | Kind::Spiral => mems(kind, variant),
        Kind::WireForest
        | Kind::LyingWires
        | Kind::WireArray
        | Kind::WireTangle
        | Kind::SlantedWires
        | Kind::SingleWires => nanowires(kind, variant),
        Kind::DispersedBalls
        | Kind::PackedBalls
        | Kind::BallClusters
        | Kind::BrightSpecks
        | Kind::IrregularParticles
        | Kind::Cubes
        | Kind::DarkSpots
        | Kind::BallsOnGrains => particles(kind, variant),
        Kind::Lines
        | Kind::SquareHoles
        | Kind::HexagonalHoles
        | Kind::Pillars
        | Kind::Rings
        | Kind::FlatShapes
        | Kind::Grid => patterned(kind, variant),
        Kind::OpenFoam | Kind::StrutNetwork | Kind::IrregularPores | Kind::IsolatedPores => {
            porous(kind)
        }
        Kind::MetalSpheres
        | Kind::FineGrains
        | Kind::AngularGrains
        | Kind::Cauliflower
        | Kind::Flakes
        | Kind::PackedGrains => powder(kind, variant),
        Kind::Needle
        | Kind::Probe
        | Kind::Cone
        | Kind::ApexFromAbove
        | Kind::Manipulator
        | Kind::EtchedWire => tips(kind, variant),
    }
}

fn biological(kind: Kind, variant: bool) -> Words {
    match kind {
        Kind::SpreadCells if variant => Words {
            unit: "cell",
            units: "cells",
            types: &[
                "spread cells with thread-like processes",
                "cells with fine threads on a support",
            ],
            shapes: &[
                "Cell bodies of rounded to elongated outline send thin threads over the support.",
                "Lobed and drawn-out cells with hair-like processes lie on a flat support.",
            ],
            regions: &[
                "The cell bodies and the threads that leave them are the parts that stand out.",
                "Threads at the cell margins differ from the rounded bodies.",
            ],
        },
        Kind::SpreadCells => Words {
            unit: "cell",
            units: "cells",
            types: &["spread and rounded cells", "cells lying on a support"],
            shapes: &[
                "Cells with lobed, rounded or drawn-out bodies lie on a flat support.",
                "The cell bodies range from compact to elongated, with an uneven skin.",
            ],
            regions: &[
                "The raised cell bodies stand out from the flat support; no inner part is seen.",
                "Only whole cell bodies are told apart; inner parts are not visible.",
            ],
        },
        Kind::RoundCells => Words {
            unit: "cell",
            units: "cells",
            types: &["round cells on a support", "ball-like cells"],
            shapes: &[
                "Ball-like cells rest on the support, each with a rounded outline.",
                "Round cell bodies rise from a flat ground.",
            ],
            regions: &[
                "Each round body forms one region; the cell margin is the brightest part.",
                "The cell bodies stand out as raised parts; inner parts are not visible.",
            ],
        },
        Kind::CellSurface => Words {
            unit: "fold",
            units: "folds",
            types: &[
                "a cell surface seen close up",
                "the ruffled membrane of a cell",
            ],
            shapes: &[
                "One large cell body with a crumpled, knobby skin fills part of the field.",
                "A close view shows a ruffled membrane made of small folds and knobs.",
            ],
            regions: &[
                "The ruffled skin and the cell margin are the distinct parts.",
                "The margin of the cell, beside the bare ground, is the region that stands out.",
            ],
        },
        Kind::NeuriteNet => Words {
            unit: "neurite",
            units: "neurites",
            types: &[
                "a cell body with branching processes",
                "a nerve-like cell with a web of threads",
            ],
            shapes: &[
                "A rounded cell body sends tapering processes into a web of thin, winding threads.",
                "Thick processes leave the cell body and thin threads wind over the support.",
            ],
            regions: &[
                "The cell body, the thick processes and the thin threads are distinct parts.",
                "A bulky body stands out from the web of thin threads around it.",
            ],
        },
        Kind::Rods => Words {
            unit: "rod",
            units: "rods",
            types: &["rod-shaped cells", "short rods that look like bacteria"],
            shapes: &[
                "Short rods with rounded ends lie on the ground.",
                "The bodies are straight, sausage-like rods with round caps.",
            ],
            regions: &[
                "Each rod is one body; no distinct part is seen on it.",
                "No region stands out besides the rods and their ground.",
            ],
        },
        Kind::SpinyGrain if variant => Words {
            unit: "grain",
            units: "grains",
            types: &[
                "a spiny, pollen-like grain",
                "round biological grains with spines",
            ],
            shapes: &[
                "A round body carries many short pointed spines over its whole skin.",
                "Ball-like grains bristle with conical spines.",
            ],
            regions: &[
                "The spines are distinct from the round body that carries them.",
                "Pointed spines stand out against the plain skin between them.",
            ],
        },
        Kind::SpinyGrain => Words {
            unit: "grain",
            units: "grains",
            types: &[
                "round pollen-like grains",
                "a rounded biological grain with a rough skin",
            ],
            shapes: &[
                "Rounded grains show a dimpled, net-like skin.",
                "The body is ball-like with a rough, pitted skin.",
            ],
            regions: &[
                "The sculptured skin of the grain is the only distinct region.",
                "No part stands out beyond the rough skin.",
            ],
        },
        _ => Words {
            unit: "plate",
            units: "plates",
            types: &[
                "ridged plates, as on scales or shells",
                "overlapping ridged biological plates",
            ],
            shapes: if variant {
                &[
                    "Overlapping plates carry parallel ridges with fine cross ribs.",
                    "Flat scales meet along steps, each with fine ridges and cross links.",
                ]
            } else {
                &[
                    "Overlapping plates carry fine parallel ridges.",
                    "Flat scales meet along steps and each bears closely set ridges.",
                ]
            },
            regions: &[
                "Ridged faces and the steps between plates are the distinct regions.",
                "The ridges repeat across each plate; the seams between plates stand out.",
            ],
        },
    }
}

fn fibres(kind: Kind, variant: bool) -> Words {
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::FibreBundle => (
            &[
                "a bundle of textile-like fibres",
                "fibres lying side by side in a bundle",
            ],
            if variant {
                &[
                    "Smooth rounded fibres sweep across the field side by side in gentle curves.",
                    "Long fibres curve together like strands of a yarn.",
                ]
            } else {
                &[
                    "Smooth rounded fibres run across the field side by side.",
                    "Long, nearly straight fibres lie next to each other in layers.",
                ]
            },
            &[
                "Upper fibres and the darker layers below are told apart by depth only.",
                "No functional part is seen; the fibres differ only in depth.",
            ],
        ),
        Kind::CrossingFibres => (
            &[
                "thick fibres that cross each other",
                "a loose net of crossing fibres",
            ],
            &[
                "Thick round fibres cross at many angles and hide each other.",
                "Long cylindrical fibres lie over each other with dark gaps between.",
            ],
            &[
                "Crossings and open gaps are the parts that stand out.",
                "The crossings of fibres and the dark pores between them are distinct.",
            ],
        ),
        Kind::FibreMat => (
            &["a mat of fine fibres", "a nonwoven, spun-like fibre mat"],
            if variant {
                &[
                    "Fine long fibres with bead-like swellings form an open mat.",
                    "Thin threads cross in a mat, and beads thicken them here and there.",
                ]
            } else {
                &[
                    "Fine long fibres cross and form an open mat.",
                    "Thin continuous threads overlie each other in a mat.",
                ]
            },
            &[
                "The mesh of fibres encloses open pores; no other part stands out.",
                "Pores between the threads are the only distinct regions.",
            ],
        ),
        Kind::GroovedFibres => (
            &[
                "thick fibres with lengthwise grooves",
                "a close view of grooved fibres",
            ],
            &[
                "Broad fibres with grooves along their length fill the view.",
                "A few thick fibres run across the field, their skin grooved lengthwise.",
            ],
            &[
                "The grooved skins and the dark gaps between fibres are distinct.",
                "Grooves along the fibres stand out; their role is not visible.",
            ],
        ),
        _ => (
            &["a woven cloth of fibre yarns", "a weave of fibre bundles"],
            &[
                "Yarns made of parallel fibres pass over and under each other in a weave.",
                "Fibre yarns cross at right angles in a plain weave.",
            ],
            &[
                "Warp and weft yarns and the small openings between them are distinct.",
                "The crossings of yarns stand out as raised blocks.",
            ],
        ),
    };
    Words {
        unit: "fibre",
        units: "fibres",
        types,
        shapes,
        regions,
    }
}

fn films(kind: Kind, variant: bool) -> Words {
    match kind {
        Kind::FilmSection => Words {
            unit: "void",
            units: "voids",
            types: &[
                "a coating in polished cross-section",
                "stacked coating layers seen in section",
            ],
            shapes: &[
                "A polished section shows bands of different grey with wavy borders and dark voids.",
                "Cross-section of a coating: a bright band, a grey band and a base, with voids inside.",
            ],
            regions: &[
                "The bands of the section are the distinct regions; their roles are not visible.",
                "Top band, middle band and base differ in grey and in their voids.",
            ],
        },
        Kind::GrainyFilm => Words {
            unit: "grain",
            units: "grains",
            types: &[
                "a grainy film seen from above",
                "a film surface of closely set grains",
            ],
            shapes: if variant {
                &[
                    "The film is a flat mosaic of grain-like patches with different greys.",
                    "Flat grain-like patches fit together across the film surface.",
                ]
            } else {
                &[
                    "The film surface is a closed layer of small grains.",
                    "Closely set grain-like bumps cover the surface from edge to edge.",
                ]
            },
            regions: &[
                "No region stands out; the grainy film looks alike across the field.",
                "Grain-like features and the seams between them are the only parts seen.",
            ],
        },
        Kind::CrackedFilm => Words {
            unit: "plate",
            units: "plates",
            types: &[
                "a cracked film seen from above",
                "a coating broken by a net of cracks",
            ],
            shapes: if variant {
                &[
                    "A flat film is crossed by cracks that end within the film in places.",
                    "The coating is a plain sheet with an unfinished net of cracks.",
                ]
            } else {
                &[
                    "Cracks divide the film into irregular plates, like dried mud.",
                    "The coating is split by a net of cracks into many-sided pieces.",
                ]
            },
            regions: &[
                "Film plates and the dark cracks between them are the distinct regions.",
                "The crack net separates the coating into pieces; the base shows dark in it.",
            ],
        },
        Kind::PinholeFilm => Words {
            unit: "pinhole",
            units: "pinholes",
            types: &["a film with pinholes", "a coated surface with small holes"],
            shapes: &[
                "A flat film is interrupted by small dark holes.",
                "The surface is an even sheet with scattered pinholes.",
            ],
            regions: &[
                "Dark pinholes stand out against the closed film.",
                "The closed film and the holes in it are the distinct regions.",
            ],
        },
        Kind::WrinkledFilm => Words {
            unit: "wrinkle",
            units: "wrinkles",
            types: &["a wrinkled film", "a thin film with folds"],
            shapes: if variant {
                &[
                    "Long folds run across the film in a common direction.",
                    "The film is thrown into long wrinkles.",
                ]
            } else {
                &[
                    "Folds wind across the film and meet at junctions.",
                    "The film is thrown into a net of wrinkles.",
                ]
            },
            regions: &[
                "Bright fold crests and the plain areas between them are distinct.",
                "The raised folds stand out from the flat parts of the film.",
            ],
        },
        _ => Words {
            unit: "film edge",
            units: "film edges",
            types: &[
                "a film at its broken edge",
                "a thin layer on a base, seen in section",
            ],
            shapes: if variant {
                &[
                    "A broken edge shows the film between its top surface and the base.",
                    "A bright layer lies on a plain base, with the film's top surface behind.",
                ]
            } else {
                &[
                    "A broken edge shows a bright layer of even thickness on a plain base.",
                    "One layer lies on a base, below dark empty space.",
                ]
            },
            regions: &[
                "The layer, the base and the space above are the distinct regions.",
                "The film band stands out from the base below it.",
            ],
        },
    }
}

fn mems(kind: Kind, variant: bool) -> Words {
    let (unit, units): (&str, &str) = match kind {
        Kind::Comb | Kind::Interdigitated => ("finger", "fingers"),
        Kind::PadsAndTracks => ("pad", "pads"),
        Kind::Cantilevers => ("beam", "beams"),
        Kind::Membrane => ("plate", "plates"),
        _ => ("track", "tracks"),
    };
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::Comb => (
            &[
                "a micro-device with comb fingers",
                "a comb structure of a micro-device",
            ],
            if variant {
                &[
                    "Straight comb fingers reach between each other, and the spine carries small square holes.",
                    "Comb fingers interlock between spines; a row of square holes runs along one spine.",
                ]
            } else {
                &[
                    "Straight comb fingers from opposite spines reach between each other.",
                    "A comb of parallel fingers interlocks with the facing comb, held by narrow arms.",
                ]
            },
            &[
                "Interlocking combs, spines and arms; such combs often drive or sense motion.",
                "The finger combs stand out; structures like these often serve as actuators or sensors.",
            ],
        ),
        Kind::Interdigitated => (
            &["interdigitated electrodes", "finger electrodes on a chip"],
            &[
                "Parallel electrode fingers from opposite sides alternate across the gap.",
                "Flat finger electrodes interlock, each side joined by a broad bar.",
            ],
            &[
                "Finger field, bus bars and leads; such electrodes often sense or apply a field.",
                "Fingers and the gaps between them form the active-looking area; its role is not visible.",
            ],
        ),
        Kind::PadsAndTracks => (
            &["contact pads with tracks", "electrodes with leads and pads"],
            if variant {
                &[
                    "Square pads send narrow tracks to the middle, where a short bright wire lies across.",
                    "Tracks run from the pads to a central gap that a bright rod bridges in view.",
                ]
            } else {
                &[
                    "Flat pads of rectangular outline send narrow tracks to the middle.",
                    "Rectangular pads around the field narrow into bent leads that end near the centre.",
                ]
            },
            &[
                "Pads, leads and the central gap; such pads usually take probes or bonds.",
                "Broad pads and narrow tracks are distinct; pads like these usually serve as contacts.",
            ],
        ),
        Kind::Cantilevers => (
            &[
                "cantilever beams on a base",
                "a micro-device with free-ended beams",
            ],
            if variant {
                &[
                    "Straight beams with paddle-like ends reach out from a base.",
                    "Narrow beams widen into plates at their free ends.",
                ]
            } else {
                &[
                    "Straight beams reach out from a solid base and end freely.",
                    "Narrow flat beams stand out from a base edge.",
                ]
            },
            &[
                "Base, beams and free ends; such beams often bend as sensors.",
                "The free ends of the beams stand out; whether they are released is not visible.",
            ],
        ),
        Kind::Membrane => (
            &[
                "a framed membrane of a micro-device",
                "a device with a plate on arms",
            ],
            if variant {
                &[
                    "A framed plate with rows of small holes is held by narrow arms.",
                    "A perforated plate sits in a raised frame on arms.",
                ]
            } else {
                &[
                    "A recessed plate sits in a raised frame held by narrow arms.",
                    "A plain plate with a raised rim hangs on straight arms.",
                ]
            },
            &[
                "Frame, plate and arms; plates like these often serve as membranes or heaters.",
                "The central plate and its arms stand out; their role is not visible.",
            ],
        ),
        _ => (
            &["a spiral track of a device", "a planar coil"],
            if variant {
                &[
                    "A flat track winds inward with square corners.",
                    "Square turns of a flat track form a coil.",
                ]
            } else {
                &[
                    "A flat track winds inward in a round spiral.",
                    "Round turns of a flat track form a coil.",
                ]
            },
            &[
                "The turns, the centre pad and the lead; such spirals often act as coils.",
                "Coil turns and the outer lead are distinct; coils like these often carry current.",
            ],
        ),
    };
    Words {
        unit,
        units,
        types,
        shapes,
        regions,
    }
}

fn nanowires(kind: Kind, variant: bool) -> Words {
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::WireForest => (
            &[
                "a forest of upright wires",
                "wires standing on a base, seen from the side",
            ],
            if variant {
                &[
                    "Thin upright wires with rounded caps stand close together on a base.",
                    "A dense stand of slender wires ends in small bright knobs.",
                ]
            } else {
                &[
                    "Thin upright wires stand close together on a base.",
                    "A dense stand of slender wires rises from the base.",
                ]
            },
            &[
                "Wire stems, their tips and the base are distinct parts.",
                "The upper ends of the wires and the base line stand out.",
            ],
        ),
        Kind::LyingWires => (
            &[
                "wires lying across each other",
                "long thin wires on a support",
            ],
            if variant {
                &[
                    "Long, gently curved wires lie across each other.",
                    "Slender bent wires overlap on the ground.",
                ]
            } else {
                &[
                    "Long straight wires lie across each other.",
                    "Straight rod-like wires overlap in several directions.",
                ]
            },
            &[
                "Crossings and free ends are the only parts that stand out.",
                "No region stands out; the wires look alike along their length.",
            ],
        ),
        Kind::WireArray => (
            &[
                "an array of standing wires",
                "upright wires on a flat ground",
            ],
            &[
                "Upright wires of equal form stand apart on a flat ground.",
                "Short pillar-like wires rise from the ground with bright tops.",
            ],
            &[
                "Bright tops, stems and the ground between the wires are distinct.",
                "The tops of the wires stand out as bright spots.",
            ],
        ),
        Kind::WireTangle => (
            &[
                "a tangle of thin wires",
                "curly wires that wind around each other",
            ],
            &[
                "Thin curly wires wind and loop over each other.",
                "Hair-thin winding wires form loops and knots.",
            ],
            &[
                "Loops and dense knots stand out from the looser parts.",
                "No region stands out besides knots in the tangle.",
            ],
        ),
        Kind::SlantedWires => (
            &[
                "slanted wires on a rough floor",
                "straight wires that lean one way",
            ],
            &[
                "Straight needle-like wires lean in a common direction over a rugged floor.",
                "Thin straight wires point the same way out of a rough ground.",
            ],
            &[
                "The slanted wires and the rugged floor are distinct regions.",
                "Wires stand out brightly from the rough floor below.",
            ],
        ),
        _ => (
            &["single wires on a flat ground", "a few separate wires"],
            if variant {
                &[
                    "Single straight wires with a knob at one end lie on a flat ground.",
                    "A slender wire ends in a rounded bulb.",
                ]
            } else {
                &[
                    "Single slender wires lie on a flat ground.",
                    "A few long wires lie apart on the support.",
                ]
            },
            if variant {
                &[
                    "The bulb at the wire's end stands out; such caps are often growth seeds.",
                    "Stem and rounded end differ in form.",
                ]
            } else {
                &[
                    "The wire and its ends are the only parts seen.",
                    "No region stands out on the wire.",
                ]
            },
        ),
    };
    Words {
        unit: "wire",
        units: "wires",
        types,
        shapes,
        regions,
    }
}

fn particles(kind: Kind, variant: bool) -> Words {
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::DispersedBalls => (
            &[
                "round particles on a flat ground",
                "dispersed ball-like particles",
            ],
            if variant {
                &[
                    "Round particles lie alone or in short chains on a flat ground.",
                    "Near-round particles sit on the ground, some lined up in short rows.",
                ]
            } else {
                &[
                    "Round particles lie scattered on a flat ground.",
                    "Near-round, ball-like particles rest on the support.",
                ]
            },
            &[
                "No region stands out; each particle looks alike.",
                "Only particles and bare ground are told apart.",
            ],
        ),
        Kind::PackedBalls => (
            &[
                "closely packed round particles",
                "a layer of ball-like particles",
            ],
            if variant {
                &[
                    "Equal balls form a packed layer with more balls on top.",
                    "Round particles are packed in a layer, with an incomplete layer above.",
                ]
            } else {
                &[
                    "Equal balls form a packed layer.",
                    "Round particles lie side by side in a close layer.",
                ]
            },
            &[
                "Gaps and missing places in the packing stand out.",
                "The packed balls form one region; vacant places show darker.",
            ],
        ),
        Kind::BallClusters => (
            &[
                "clusters of round particles",
                "ball-like particles gathered in heaps",
            ],
            if variant {
                &[
                    "Round particles are heaped in one cluster.",
                    "A single heap of ball-like particles rises from the ground.",
                ]
            } else {
                &[
                    "Round particles gather in several heaps.",
                    "Ball-like particles form separate clusters with bare ground between.",
                ]
            },
            &[
                "The clusters stand out from the bare ground; no functional part is seen.",
                "Heaps and bare ground are the distinct regions.",
            ],
        ),
        Kind::BrightSpecks => (
            &[
                "small bright particles on a dark ground",
                "bright specks on a dark support",
            ],
            &[
                "Small bright particles, mostly round, lie on a dark ground.",
                "Compact bright dots are strewn over a dark support.",
            ],
            &[
                "The bright specks are the only distinct parts.",
                "No region stands out besides the specks.",
            ],
        ),
        Kind::IrregularParticles => (
            &[
                "irregular particles on a ground",
                "lumpy particles of mixed outline",
            ],
            if variant {
                &[
                    "Angular particles with flat faces lie on the ground.",
                    "Broken-looking, faceted particles of mixed outline are seen.",
                ]
            } else {
                &[
                    "Lumpy particles with uneven outlines lie on the ground.",
                    "Irregular rounded lumps with a bumpy skin are seen.",
                ]
            },
            &[
                "Larger lumps stand out from smaller ones; their role is not visible.",
                "No functional region is seen on the particles.",
            ],
        ),
        Kind::Cubes => (
            &[
                "cube-like particles",
                "faceted particles with square outlines",
            ],
            if variant {
                &[
                    "Faceted particles look like cubes with cut corners.",
                    "Block-like particles with truncated corners are seen.",
                ]
            } else {
                &[
                    "Particles with straight edges and square outlines look like cubes.",
                    "Cube-like blocks show flat faces and sharp corners.",
                ]
            },
            &[
                "Flat faces, edges and corners are distinct; edges are brightest.",
                "The faces of each block differ in brightness with their direction.",
            ],
        ),
        Kind::DarkSpots => (
            &[
                "dark spots on a bright ground",
                "small dark particles or pits on a bright surface",
            ],
            if variant {
                &[
                    "Small dark spots and a few round bright-rimmed particles lie on a bright ground.",
                    "A bright surface carries dark dots and some larger balls.",
                ]
            } else {
                &[
                    "Small dark spots lie on a bright, flat ground.",
                    "A bright surface is dotted with compact dark marks.",
                ]
            },
            &[
                "Dark spots are the only distinct parts.",
                "The dots stand out by their darkness; what they are is not visible.",
            ],
        ),
        _ => (
            &[
                "bright particles on a grainy bed",
                "round particles over a granular ground",
            ],
            &[
                "Bright rounded particles lie over a bed of fine dark grains.",
                "Larger bright particles sit on a granular, rough ground.",
            ],
            &[
                "Bright particles and the grainy bed are the distinct regions.",
                "The larger particles stand out from the fine bed below.",
            ],
        ),
    };
    Words {
        unit: "particle",
        units: "particles",
        types,
        shapes,
        regions,
    }
}

fn patterned(kind: Kind, variant: bool) -> Words {
    let (unit, units, types, shapes, regions): (
        &str,
        &str,
        &'static [_],
        &'static [_],
        &'static [_],
    ) = match kind {
        Kind::Lines => (
            "line",
            "lines",
            &["a grating of parallel lines", "a line pattern on a surface"],
            if variant {
                &[
                    "Parallel straight lines fill one part of the field and stop at a straight border.",
                    "A field of straight lines lies beside an open plain area.",
                ]
            } else {
                &[
                    "Parallel straight lines alternate with trenches.",
                    "Straight raised lines run side by side across the field.",
                ]
            },
            if variant {
                &[
                    "The line field beside the open area; such areas often serve as test patterns.",
                    "Lines and the plain area next to them are distinct regions.",
                ]
            } else {
                &[
                    "Line tops and trenches are the distinct regions.",
                    "Raised lines and the floor between them alternate.",
                ]
            },
        ),
        Kind::SquareHoles | Kind::HexagonalHoles => (
            "hole",
            "holes",
            &[
                "an array of holes in a surface",
                "a regularly perforated surface",
            ],
            if variant {
                &[
                    "Square holes are cut into the surface in a regular array.",
                    "A regular array of square openings pierces a plain sheet.",
                ]
            } else {
                &[
                    "Round holes are set into the surface in a regular array.",
                    "Round openings repeat across a plain sheet.",
                ]
            },
            &[
                "The holes and the solid sheet between them are distinct.",
                "Dark openings repeat in the sheet; what they are for is not visible.",
            ],
        ),
        Kind::Pillars => (
            "pillar",
            "pillars",
            &["an array of pillars", "regularly set posts on a surface"],
            if variant {
                &[
                    "Square posts stand in a regular array on a flat floor.",
                    "Block-like pillars repeat across the floor.",
                ]
            } else {
                &[
                    "Round pillars stand in a regular array on a flat floor.",
                    "Disc-topped posts repeat across the floor.",
                ]
            },
            &[
                "Pillar tops and the floor are the distinct regions.",
                "The raised tops stand out from the floor between them.",
            ],
        ),
        Kind::Rings => (
            "ring",
            "rings",
            &["an array of rings", "a surface patterned with rings"],
            &[
                "Round rings with open centres repeat in a regular array.",
                "Ring-shaped features stand in rows on a flat floor.",
            ],
            &[
                "Rings and their open centres are the distinct parts.",
                "The ring walls stand out from the floor.",
            ],
        ),
        Kind::FlatShapes => (
            "shape",
            "shapes",
            &[
                "a surface with drawn flat shapes",
                "a test pattern of separate shapes",
            ],
            if variant {
                &[
                    "Raised flat shapes such as bars, crosses and discs lie on a plain floor.",
                    "Crosses, bars and other flat shapes stand on the floor.",
                ]
            } else {
                &[
                    "Flat sunken shapes such as bars, crosses and discs are set in a plain ground.",
                    "Crosses, bars and discs are recessed in the surface.",
                ]
            },
            &[
                "The drawn shapes stand out from the plain ground; such marks often serve for alignment.",
                "Bars, crosses and discs are distinct parts on one floor.",
            ],
        ),
        _ => (
            "window",
            "windows",
            &["a grid of square windows", "a mesh with square openings"],
            &[
                "Square windows are framed by crossing bars.",
                "Crossing bars enclose square openings in a regular grid.",
            ],
            &[
                "Bars and windows are the distinct regions; such grids often carry samples.",
                "The windows stand out between the bars.",
            ],
        ),
    };
    Words {
        unit,
        units,
        types,
        shapes,
        regions,
    }
}

fn porous(kind: Kind) -> Words {
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::OpenFoam => (
            &["a sponge of open cells", "a cellular foam"],
            &[
                "Rounded cells open into each other through thin walls with small windows.",
                "Many-sided cells share thin bright walls, and windows lead deeper.",
            ],
            &[
                "Cell walls, cell floors and dark windows are distinct parts.",
                "Bright walls frame the cells; dark windows lead deeper.",
            ],
        ),
        Kind::StrutNetwork => (
            &[
                "an open network of struts and holes",
                "a sponge made of struts",
            ],
            &[
                "Rounded struts meet at nodes and leave open holes.",
                "A network of short struts branches in depth around dark pores.",
            ],
            &[
                "Struts, thick nodes and open pores are distinct parts.",
                "Nodes stand out as thicker places in the network.",
            ],
        ),
        Kind::IrregularPores => (
            &[
                "a porous solid with irregular holes",
                "a sponge-like body riddled with pores",
            ],
            &[
                "An uneven solid is riddled with irregular pores.",
                "Winding walls enclose pores of uneven outline.",
            ],
            &[
                "Solid walls and dark pores are the distinct regions.",
                "The dark pores stand out from the uneven solid.",
            ],
        ),
        _ => (
            &[
                "a solid face with separate pores",
                "a matrix with rounded hollows",
            ],
            &[
                "Rounded pores of many sizes lie apart in a flat face.",
                "A flat face is broken by round to oval hollows, like bubbles cut open.",
            ],
            &[
                "The flat face and the hollows in it are the distinct regions.",
                "Large hollows stand out; some show an inner wall, others look black.",
            ],
        ),
    };
    Words {
        unit: "pore",
        units: "pores",
        types,
        shapes,
        regions,
    }
}

fn powder(kind: Kind, variant: bool) -> Words {
    let (unit, units): (&str, &str) = if kind == Kind::Flakes {
        ("flake", "flakes")
    } else {
        ("grain", "grains")
    };
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::MetalSpheres => (
            &["a powder of round grains", "ball-like powder grains"],
            if variant {
                &[
                    "Ball-like grains dominate, with some elongated or lumpy ones among them.",
                    "Most grains are round balls; a few are drawn out or misshapen.",
                ]
            } else {
                &[
                    "Ball-like grains of many sizes lie over each other.",
                    "Round grains fill the field, small ones between large ones.",
                ]
            },
            &[
                "No functional region is seen; small balls stick to larger ones in places.",
                "Large and small grains differ only in size and depth.",
            ],
        ),
        Kind::FineGrains => (
            &["a fine powder", "a powder of small grains"],
            if variant {
                &[
                    "Small rounded grains gather in crumbly lumps with dark gaps.",
                    "Fine grains heap up into loose lumps.",
                ]
            } else {
                &[
                    "Small rounded grains cover the field in a loose layer.",
                    "Fine, roundish grains lie close over the whole view.",
                ]
            },
            &[
                "No region stands out; the fine grains look alike.",
                "Raised lumps and dark gaps are the only distinct regions.",
            ],
        ),
        Kind::AngularGrains => (
            &["a powder of angular grains", "faceted powder grains"],
            &[
                "Angular grains with flat faces and sharp edges lie over each other.",
                "Block-like grains with facets point in all directions.",
            ],
            &[
                "Flat faces and bright edges are distinct on the grains.",
                "No functional region is seen; facets differ in brightness.",
            ],
        ),
        Kind::Cauliflower => (
            &[
                "a powder of cauliflower-like grains",
                "lumps built of small buds",
            ],
            &[
                "Rounded lumps built of many small buds look like cauliflower.",
                "Each grain is a cluster of small balls grown together in view.",
            ],
            &[
                "Small buds make up the surface of each lump.",
                "The buds on each lump stand out; nothing else is distinct.",
            ],
        ),
        Kind::Flakes => (
            &["a powder of flakes", "plate-like powder grains"],
            &[
                "Thin flat flakes with straight edges overlap at many tilts.",
                "Plate-like pieces lie over each other, some on edge.",
            ],
            &[
                "Broad faces and thin bright edges are distinct.",
                "No functional region is seen; flakes differ in tilt.",
            ],
        ),
        _ => (
            &[
                "closely packed grains",
                "grains fitted together like paving",
            ],
            &[
                "Flat-topped grains with rounded corners fit together like paving stones.",
                "Pebble-like grains lie side by side with narrow dark seams.",
            ],
            &[
                "Grain tops and dark seams are the distinct regions.",
                "The seams between grains stand out.",
            ],
        ),
    };
    Words {
        unit,
        units,
        types,
        shapes,
        regions,
    }
}

fn tips(kind: Kind, variant: bool) -> Words {
    let (unit, units): (&str, &str) = match kind {
        Kind::Probe | Kind::ApexFromAbove => ("tip", "tips"),
        Kind::Cone => ("cone", "cones"),
        _ => ("needle", "needles"),
    };
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::Needle => (
            &[
                "a needle that tapers to an apex",
                "one sharp tip in side view",
            ],
            if variant {
                &[
                    "One straight needle narrows steadily to a rounded, blunt apex.",
                    "A single needle tapers to a visibly rounded end.",
                ]
            } else {
                &[
                    "One straight needle narrows steadily to a fine apex.",
                    "A single needle tapers in straight flanks to a point.",
                ]
            },
            &[
                "The apex is the part that stands out; such apexes often touch or probe a surface.",
                "Shank, flanks and apex are the distinct parts.",
            ],
        ),
        Kind::Probe => (
            &[
                "a probe tip on a lever",
                "a cantilever with a tip at its end",
            ],
            &[
                "A flat lever ends in a beak and carries a small tip near its end.",
                "A straight cantilever with a pointed end bears a small pyramid or cone.",
            ],
            &[
                "Lever and tip are distinct; such probes often scan surfaces.",
                "The small tip near the lever's end stands out.",
            ],
        ),
        Kind::Cone => (
            &["a single cone in side view", "a cone-shaped tip on a base"],
            &[
                "One cone rises from the base and narrows to an apex.",
                "A single upright cone stands on a rough base.",
            ],
            &[
                "Apex, flanks and foot of the cone are the distinct parts.",
                "The apex stands out above the broad foot.",
            ],
        ),
        Kind::ApexFromAbove => (
            &[
                "a tip seen from above",
                "a pyramid or cone seen along its axis",
            ],
            if variant {
                &[
                    "A square-based pyramid is seen from above, its apex a small bright spot.",
                    "Flat flanks meet along ridges at a bright central apex.",
                ]
            } else {
                &[
                    "A round cone is seen from above, its apex a small bright spot.",
                    "A circular foot rises to a bright central apex.",
                ]
            },
            &[
                "The bright apex at the centre is the part that stands out.",
                "Apex, flanks and the surrounding flat are distinct.",
            ],
        ),
        Kind::Manipulator => (
            &["a manipulator needle", "a needle reaching into the field"],
            if variant {
                &[
                    "A bright streaked needle tapers to a narrow end that carries a small block.",
                    "A tapering needle reaches in and holds a little block at its end.",
                ]
            } else {
                &[
                    "A bright streaked needle reaches in and tapers to a narrow end.",
                    "A tapering needle with lengthwise streaks enters from the side.",
                ]
            },
            if variant {
                &[
                    "The needle's end and the block on it are the distinct parts.",
                    "Needle and attached block differ in brightness; such needles often lift samples.",
                ]
            } else {
                &[
                    "The needle's end is the part that stands out; such needles often lift samples.",
                    "Shank and narrow end are the distinct parts.",
                ]
            },
        ),
        _ => (
            &["an etched wire tip", "a wire that narrows to a curved tip"],
            if variant {
                &[
                    "A wire narrows in a curve to a slim, rounded end.",
                    "The flanks curve inward to a slender tip with a blunt end.",
                ]
            } else {
                &[
                    "A wire narrows in a curve to a slim, fine apex.",
                    "The flanks curve inward to a slender, fine tip.",
                ]
            },
            &[
                "The slim end and the thick shank are distinct parts.",
                "The apex stands out; such tips often serve as probes.",
            ],
        ),
    };
    Words {
        unit,
        units,
        types,
        shapes,
        regions,
    }
}

/// Usual uses of such structures, as general sentences.
pub fn uses(category: Category) -> &'static [&'static str] {
    match category {
        Category::Biological => &[
            "cells and tissues like these are often studied in biology and medicine",
            "such specimens are often imaged to study how cells grow and attach",
        ],
        Category::Fibres => &[
            "fibres like these are often used in textiles and filters",
            "such fibres often serve as cloth, filters or reinforcement",
        ],
        Category::Films => &[
            "coatings like these are often used to protect or to conduct",
            "such films often serve as protective or electronic layers",
        ],
        Category::Mems => &[
            "devices like these are often used as sensors or actuators",
            "such electrodes and beams often serve in sensors and circuits",
        ],
        Category::Nanowires => &[
            "wires like these are often studied for sensors and electronics",
            "such wires are often studied for light, power and sensing devices",
        ],
        Category::Particles => &[
            "inks, catalysts and medicines often use such particles",
            "particles like these are often studied as catalysts or carriers",
        ],
        Category::Patterned => &[
            "patterns like these are often used in lithography tests and optics",
            "such patterns often serve as gratings, masks or test fields",
        ],
        Category::Porous => &[
            "such sponges often serve as filters, supports or scaffolds",
            "porous bodies like these are often used to filter or to insulate",
        ],
        Category::Powder => &[
            "powders like these are often pressed, printed or used in batteries",
            "such powders often serve as feedstock for sintering or printing",
        ],
        Category::Tips => &[
            "such tips often serve as probes in microscopes",
            "tips like these are often used to probe or emit",
        ],
    }
}
