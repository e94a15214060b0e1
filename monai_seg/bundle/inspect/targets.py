"""What a bundle may build: exact names. Put one here after reading what it does with its arguments.

Classes and functions of MONAI, torch and Ignite that a segmentation bundle needs, and those of our own package. Left
out are all that run programs, load pickles or code, or open addresses. A few that are listed would do so when given
certain arguments; the rules below refuse these arguments. HubClassifier and ClipZeroShot may fetch weights of the hub
they are given the name of; they unpickle weights alone and run no code that lies there.
"""

from __future__ import annotations

_NAMES = {
    "monai.transforms": """
        Activations Activationsd AsDiscrete AsDiscreted CastToType CastToTyped CenterSpatialCropd Compose ConcatItemsd
        CopyItemsd CropForegroundd DeleteItemsd DivisiblePadd EnsureChannelFirst EnsureChannelFirstd EnsureType
        EnsureTyped FillHoles FillHolesd Flipd Identityd Invertd KeepLargestConnectedComponent
        KeepLargestConnectedComponentd Lambda Lambdad LoadImage LoadImaged MapLabelValued MaskIntensityd MeanEnsembled
        NormalizeIntensity NormalizeIntensityd OneOf Rand2DElasticd RandAdjustContrastd RandAffined
        RandCoarseDropoutd RandCropByLabelClassesd RandCropByPosNegLabeld RandFlipd RandGaussianNoised
        RandGaussianSmoothd RandHistogramShiftd RandRotate90d RandRotated RandScaleIntensityd RandShiftIntensityd
        RandSpatialCropd RandZoomd RemoveSmallObjects RemoveSmallObjectsd RepeatChanneld Resize ResizeWithPadOrCropd
        Resized Rotate90d SaveImaged ScaleIntensity ScaleIntensityRange ScaleIntensityRangePercentilesd
        ScaleIntensityRanged ScaleIntensityd SelectItemsd SpatialCropd SpatialPad SpatialPadd SqueezeDimd ToDeviced
        ToTensord Transposed VoteEnsembled""",
    "glob": "glob",
    "PIL.Image.Image": "convert",
    "PIL.ImageOps": "exif_transpose",
    "monai.data": "CacheDataset DataLoader Dataset PILReader ThreadDataLoader decollate_batch load_decathlon_datalist",
    "monai.networks.nets": """
        AttentionUnet BasicUNet BasicUNetPlusPlus DenseNet121 DynUNet EfficientNetBN FlexibleUNet SegResNet SwinUNETR
        UNETR UNet ViT""",
    "monai.losses": """
        DeepSupervisionLoss DiceCELoss DiceFocalLoss DiceLoss FocalLoss GeneralizedDiceLoss MaskedDiceLoss
        TverskyLoss""",
    "monai.metrics": """
        ConfusionMatrixMetric DiceMetric GeneralizedDiceScore HausdorffDistanceMetric MeanIoU ROCAUCMetric
        SurfaceDistanceMetric""",
    "monai.inferers": "SimpleInferer SlidingWindowInferer SlidingWindowInfererAdapt",
    "monai.engines": "EnsembleEvaluator SupervisedEvaluator SupervisedTrainer",
    "monai.handlers": """
        CheckpointLoader CheckpointSaver ConfusionMatrix EarlyStopHandler HausdorffDistance IgniteMetricHandler
        LrScheduleHandler MeanDice MeanIoUHandler MetricsSaver PostProcessing StatsHandler SurfaceDistance
        TensorBoardImageHandler TensorBoardStatsHandler ValidationHandler from_engine stopping_fn_from_loss
        stopping_fn_from_metric""",
    "monai.optimizers": "LinearLR Novograd WarmupCosineSchedule",
    "torch": "amax argmax clamp device mean round sigmoid softmax sum",
    "torch.nn": "BCEWithLogitsLoss CrossEntropyLoss Identity L1Loss MSELoss SmoothL1Loss",
    "torch.optim": "Adam AdamW RMSprop SGD",
    "torch.optim.lr_scheduler": """
        ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts ExponentialLR LinearLR MultiStepLR OneCycleLR
        PolynomialLR ReduceLROnPlateau SequentialLR StepLR""",
    "ignite.handlers": "EarlyStopping TerminateOnNan",
    "ignite.metrics": """
        Accuracy ConfusionMatrix DiceCoefficient Fbeta IoU JaccardIndex Loss Precision Recall RunningAverage mIoU""",
    "monai_seg.accumulate": "Accumulate",
    "monai_seg.data": """
        CaseDataset DataList EpochSampler MaskReader PictureReader case_loader class_cases fill find_pictures
        image_names own_share""",
    "monai_seg.distributed": "find_device",
    "monai_seg.handlers": """
        Annealing CaseScores Checkpoints ClassGate ClassScores ClassTable EarlyStop FiniteValues GatedOperatingPoint
        InTurn InferenceProgress Interruptions LearningCurves LossesCsv MetricsCsv MlflowScores MlflowSearch
        MlflowTraining OperatingPoint OverlayPictures Progress RepeatableRandomness RunCard TensorBoardCurves
        TensorBoardRun TensorBoardScalars Throughput""",
    "monai_seg.inferers": """
        AveragedInferer DrawBinary DrawClasses DrawnWindows MaskAndClassInferer SaveMaskd SaveOverlayd""",
    "monai_seg.losses": "MultiTaskLoss",
    "monai_seg.metrics": "MacroScore both_tasks count_images logits_and_classes",
    "monai_seg.networks": """
        ClassificationNetwork ClipZeroShot DeepLabV3Plus HubClassifier MultiTaskUNet ResNetUNet ResNetUNetASPP
        SegmentationNetwork data_parallel log_parameters parameter_groups prepare_encoder save_description""",
    "monai_seg.run": """
        Identity RunFolder check_settings choose component decoded_cache finish fitting_weights recorded_config
        search_unless_stopped start tracking weights_file""",
    "monai_seg.transforms": """
        BatchCompose GateByClassd MatchLabeld PrepareBatch RandAffineBatchd RandBlurBatchd RandColourBatchd
        RandContrastBatchd RandFlipBatchd RandGammaBatchd RandNoiseBatchd SplitTasksd""",
}  # fmt: skip
TARGETS = frozenset(f"{module}.{name}" for module, names in _NAMES.items() for name in names.split())
SHORT_NAMES = {target.rpartition(".")[2]: target for target in sorted(TARGETS) if target.startswith("monai.")}
SOURCE_ALONE = frozenset({  # take what a run's folder holds
    "monai_seg.run.from_run", "monai_seg.run.operating_point", "monai_seg.run.trained_networks",
})  # fmt: skip
KEPT = frozenset({"_target_", "_desc_", "_mode_", "_disabled_", "_requires_"})
MODES = ("default", "callable")
NAMES_OF_CODE = ("reader", "writer", "merger_cls")  # MONAI imports and calls what a text here names
READERS = ("PILReader", "PILWriter")
NEVER = {  # argument -> what it would do
    "compile": "compiles with tools of its own choice",
    "compile_kwargs": "chooses the compiler",
    "hash_func": "runs a function on the data",
    "pickle_module": "chooses who unpickles",
    "trust_remote_code": "runs code from elsewhere",
    "worker_init_fn": "runs a function in the workers",
    "multiprocessing_context": "chooses how workers start",
}


def full_name(target: str) -> str | None:
    """Return the listed name of ``target``, which may be MONAI's short one; None for all that is not listed."""
    return target if target in TARGETS else SHORT_NAMES.get(target)
